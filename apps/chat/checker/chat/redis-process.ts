// The Redis that nodes share: a real one, that keeps what it acknowledges, or may lose the end of it as by the crash of a whole machine.

import { readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { RedisServer } from '@ws/testing'

/** Most bytes of its file that are lost at once, and most of what it has. */
const MOST_LOST = 30_000
const MOST_LOST_PART = 0.25

/** How it writes the beginning of what belongs together. */
const TRANSACTION = '*1\r\n$5\r\nMULTI\r\n'

export class RedisProcess implements AsyncDisposable {
  readonly #server: RedisServer
  #isUp = true

  private constructor(server: RedisServer) {
    this.#server = server
  }

  /** With `mayLose` it writes once a second, as far as it promises anything. */
  static async start(mayLose: boolean): Promise<RedisProcess> {
    const options = ['--appendonly', 'yes', '--appendfsync', mayLose ? 'everysec' : 'always']
    return new RedisProcess(await RedisServer.start(options))
  }

  /** Where it is; undefined while it is not. */
  get port(): number | undefined {
    return this.#isUp ? this.#server.port : undefined
  }

  async kill(): Promise<void> {
    this.#isUp = false
    await this.#server.kill()
  }

  /** Starts it again, after `kill`. */
  async launch(): Promise<void> {
    await this.#server.launch()
    this.#isUp = true
  }

  /**
   * Cuts off the end of what it has written, after `kill`: `part` in [0, 1) of what may be lost at once. Not in the middle of a transaction:
   * Redis 7 leaves the beginning of such a one in its file, and what it acknowledges behind it is lost with the next start.
   */
  loseEnd(part: number): void {
    const folder = join(this.#server.folder, 'appendonlydir')
    const name = readdirSync(folder).findLast(file => file.endsWith('.incr.aof'))!
    const written = readFileSync(join(folder, name))
    const lost = Math.floor(Math.min(MOST_LOST, written.length * MOST_LOST_PART) * part)
    const end = written.lastIndexOf(TRANSACTION, written.length - lost)
    if (end > 0) truncateSync(join(folder, name), end)
  }

  /** Ends it, without waiting for that: for a process that ends itself. */
  abandon(): void {
    void this.#server.kill()
    rmSync(this.#server.folder, { recursive: true, force: true })
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#server.signal(signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]()
  }
}
