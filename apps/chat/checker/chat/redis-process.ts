// The Redis that nodes share. It is durable, or may lose the end of its file as in a crash of the
// whole machine.

import { readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { RedisServer } from '@ws/testing'

/** Most bytes of the file that are lost at once, and the largest share of it. */
const MOST_LOST = 30_000
const MOST_LOST_PART = 0.25

/** The beginning of a transaction in the file. */
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

  /** Its port; undefined while it is down. */
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
   * Cuts off the end of the file after `kill`: `part` in [0, 1) of the bytes that may be lost at
   * once. Not within a transaction: Redis 7 keeps the beginning of such a one in its file, and
   * loses everything acknowledged after it at the next start.
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
