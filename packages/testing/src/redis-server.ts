// A real Redis for tests, where the machine has one: a process on a port and in a folder of its own, which can be killed, stopped and
// started again. Knows no key.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Describe } from './browser.ts'
import { findProgram } from './find-program.ts'

/** Whoever takes the port first has it: so many times another one is tried. */
const ATTEMPTS = 5

/** None outlives this process, however it ends. */
const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** The server of Redis or Valkey on PATH. Undefined where there is none. */
export function findRedis(): string | undefined {
  return findProgram(['redis-server', 'valkey-server'])
}

/** `describe` where there is a Redis; elsewhere one that skips its tests and says why: `withRedis(describe)('two nodes', () => { … })`. */
export function withRedis(describe: Describe & { readonly skip: Describe }): Describe {
  if (findRedis() !== undefined) return describe
  return (name, body) => {
    console.warn(`${name}: skipped: no redis-server found on PATH`)
    return describe.skip(name, body)
  }
}

/** A server on loopback; gone with its scope (`await using`), its folder too. */
export class RedisServer implements AsyncDisposable {
  /** Where it writes, if its options tell it to. */
  readonly folder: string = mkdtempSync(join(tmpdir(), 'redis-'))
  #port = 0
  #options: readonly string[]
  #process: ChildProcess | undefined

  private constructor(options: readonly string[]) {
    this.#options = options
  }

  /** Starts one with these options beside its own, `['--appendonly', 'yes']` for example. Nothing is written if they do not ask for it. */
  static async start(options: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(options)
    for (let attempt = 1; ; attempt++) {
      server.#port = await freePort()
      try {
        await server.launch()
        return server
      } catch (error) {
        if (attempt === ATTEMPTS) throw error
      }
    }
  }

  get port(): number {
    return this.#port
  }

  /** Undefined where it does not run. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  /** Starts it where it was, after `kill`; with other options if they are given. Resolves when it takes connections. */
  async launch(options: readonly string[] = this.#options): Promise<void> {
    this.#options = options
    const own = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', '']
    const child = spawn(findRedis() ?? 'redis-server', [...own, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = child
    alive.add(child)
    child.once('close', () => alive.delete(child))
    let said = ''
    for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      said += chunk
      if (said.includes('Ready to accept connections')) break
    }
    child.stdout.resume()
    if (!said.includes('Ready to accept connections')) throw new Error(`no Redis on ${this.#port}: ${said}`)
  }

  /** Stops it where it is (SIGSTOP), or lets it go on (SIGCONT). */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process!.kill(signal)
  }

  /** Ends it, as hard as is said; nothing is asked. Resolves when it has gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'close')
    child.kill(signal)
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
