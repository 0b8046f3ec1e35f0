// Runs an installed Redis for tests, which can be killed, suspended and restarted.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Describe } from './browser.ts'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'

/** Another process may take the free port first. */
const ATTEMPTS = 5

/** Killed when this process exits. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** The path of the Redis or Valkey server on PATH, or undefined. */
export function findRedis(): string | undefined {
  return findProgram(['redis-server', 'valkey-server'])
}

/**
 * Returns `describe`, or a version that skips its tests with a warning if Redis is not installed:
 * `withRedis(describe)('two servers', () => { … })`.
 */
export function withRedis(describe: Describe & { readonly skip: Describe }): Describe {
  if (findRedis() !== undefined) return describe
  return (name, body) => {
    console.warn(`${name}: skipped: no redis-server found on PATH`)
    return describe.skip(name, body)
  }
}

/** A Redis server on loopback. Disposal (`await using`) kills it and deletes its folder. */
export class RedisServer implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'redis-'))
  #port = 0
  #options: readonly string[]
  #process: ChildProcess | undefined

  private constructor(options: readonly string[]) {
    this.#options = options
  }

  /**
   * Starts a server with further options: `['--appendonly', 'yes']`. By default it saves nothing.
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

  /** Undefined before the first launch. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  /** Restarts a killed server on the same port. Resolves when it accepts connections. */
  async launch(options: readonly string[] = this.#options): Promise<void> {
    this.#options = options
    const fixed = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', '']
    const child = spawn(findRedis() ?? 'redis-server', [...fixed, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = child
    running.add(child)
    child.once('close', () => running.delete(child))
    let output = ''
    for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      output += chunk
      if (output.includes('Ready to accept connections')) break
    }
    child.stdout.resume()
    if (!output.includes('Ready to accept connections'))
      throw new Error(`Redis did not start on port ${this.#port}: ${output}`)
  }

  /** Suspends (SIGSTOP) or continues (SIGCONT) the server. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process!.kill(signal)
  }

  /** Ends the server with a signal. Resolves when its process has ended. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
