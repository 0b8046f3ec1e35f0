// A real Redis for tests, with its own port and folder, which can be stopped, killed and restarted.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Describe } from './browser.ts'
import { findProgram } from './find-program.ts'

/** Attempts to find a free port, which another process may take first. */
const ATTEMPTS = 5

/** Servers that are killed when this process exits. */
const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** The path of Redis or Valkey, or undefined. */
export function findRedis(): string | undefined {
  return findProgram(['redis-server', 'valkey-server'])
}

/**
 * `describe` if there is a Redis, else a `describe` that skips its tests and prints why:
 * `withRedis(describe)('two nodes', () => { … })`.
 */
export function withRedis(describe: Describe & { readonly skip: Describe }): Describe {
  if (findRedis() !== undefined) return describe
  return (name, body) => {
    console.warn(`${name}: skipped: no redis-server found on PATH`)
    return describe.skip(name, body)
  }
}

/** A server on loopback. Use it with `await using`. */
export class RedisServer implements AsyncDisposable {
  /** The folder for its data. */
  readonly folder: string = mkdtempSync(join(tmpdir(), 'redis-'))
  #port = 0
  #options: readonly string[]
  #process: ChildProcess | undefined

  private constructor(options: readonly string[]) {
    this.#options = options
  }

  /**
   * Starts a server with additional options, such as `['--appendonly', 'yes']`. By default it does
   * not write to disk.
   */
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

  /** Undefined if it is not running. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  /**
   * Restarts it after `kill`, optionally with other options. Resolves when it accepts connections.
   */
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

  /** Suspends it (SIGSTOP) or resumes it (SIGCONT). */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process!.kill(signal)
  }

  /** Ends it with a signal. Resolves when the process has exited. */
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
