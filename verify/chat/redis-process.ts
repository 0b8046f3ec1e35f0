// The Redis that nodes share: a real one, that keeps what it acknowledges, or may lose the end of it as by the crash of a whole machine.

import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { RedisServer } from '@ws/testing'

/** Most bytes of its file that are lost at once, and most of what it has. */
const MOST_LOST = 30_000
const MOST_LOST_PART = 0.25

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

  /** Cuts off the end of what it has written, after `kill`: `part` in [0, 1) of what may be lost at once. */
  loseEnd(part: number): void {
    const folder = join(this.#server.folder, 'appendonlydir')
    for (const name of readdirSync(folder).filter(file => file.endsWith('.incr.aof'))) {
      const file = join(folder, name)
      const { size } = statSync(file)
      truncateSync(file, size - Math.floor(Math.min(MOST_LOST, size * MOST_LOST_PART) * part))
    }
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#server.signal(signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]()
  }
}
