// The end of the program: graceful on the first signal, immediate on the second, and as graceful as
// possible after a fault.

import { constants } from 'node:os'
import type { Log } from '../logging/log.ts'
import type { ChatServer } from '../server/chat-server.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Milliseconds beyond the drain timeout, for closing the store. */
const MARGIN = 1000

/** Milliseconds at most for connections to close after a fault. */
const AFTER_FAULT = 2000

/** Ends the process after closing all connections. */
export class Shutdown {
  readonly #chat: ChatServer
  readonly #drain: number
  readonly #log: Log
  #hasBegun = false

  /** `drain`: milliseconds that connections have to close. */
  constructor(chat: ChatServer, drain: number, log: Log) {
    this.#chat = chat
    this.#drain = drain
    this.#log = log
  }

  /** True once the process has received a signal. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** From now on SIGINT, SIGTERM and uncaught exceptions end the chat. */
  awaitSignals(): void {
    for (const signal of SIGNALS) process.on(signal, () => this.#onSignal(signal))
    process.on('uncaughtException', error => this.#onFault(error))
  }

  #onSignal(signal: (typeof SIGNALS)[number]): void {
    // Not by the signal's own effect: on a process with the number 1, as in a container, it has
    // none.
    if (this.#hasBegun) process.exit(128 + constants.signals[signal])
    this.#log('info', 'stopping', { signal })
    void this.#end(this.#drain, 0)
  }

  #onFault(error: Error): void {
    this.#log('error', 'uncaught-exception', { error: error.stack ?? String(error) })
    if (this.#hasBegun) process.exit(1)
    void this.#end(Math.min(this.#drain, AFTER_FAULT), 1)
  }

  async #end(within: number, status: number): Promise<void> {
    this.#hasBegun = true
    setTimeout(() => this.#giveUp(), within + MARGIN).unref()
    try {
      const { closed, terminated, duration } = await this.#chat.close({ within })
      this.#log('info', 'stopped', { closed, terminated, ms: Math.round(duration) })
      process.exit(status)
    } catch (error) {
      this.#log('error', 'stop-failed', { error: String(error) })
      process.exit(1)
    }
  }

  #giveUp(): void {
    this.#log('error', 'stop-timeout')
    process.exit(1)
  }
}
