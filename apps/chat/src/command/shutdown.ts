// How the program ends: orderly when it is told to, at once when it is told so again, and as orderly as it still can after a fault.

import { constants } from 'node:os'
import type { Log } from '../logging/log.ts'
import type { ChatServer } from '../server/chat-server.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Milliseconds beyond the time to drain, for the store to be closed. */
const MARGIN = 1000

/** Milliseconds at most for connections to close after a fault. */
const AFTER_FAULT = 2000

/** Ends the process, with all connections told before. */
export class Ending {
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

  /** True as soon as the process has been told to end. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** From now on SIGINT and SIGTERM end the chat, and so does an exception that nobody catches. */
  awaitSignals(): void {
    for (const signal of SIGNALS) process.on(signal, () => this.#onSignal(signal))
    process.on('uncaughtException', error => this.#onFault(error))
  }

  #onSignal(signal: (typeof SIGNALS)[number]): void {
    // Not by the signal's own effect: on a process with the number 1, as in a container, it has none.
    if (this.#hasBegun) process.exit(128 + constants.signals[signal])
    this.#log('info', 'ending', { signal })
    void this.#end(this.#drain, 0)
  }

  #onFault(error: Error): void {
    this.#log('error', 'fault', { error: error.stack ?? String(error) })
    if (this.#hasBegun) process.exit(1)
    void this.#end(Math.min(this.#drain, AFTER_FAULT), 1)
  }

  async #end(within: number, status: number): Promise<void> {
    this.#hasBegun = true
    setTimeout(() => this.#giveUp(), within + MARGIN).unref()
    try {
      const { closed, terminated, duration } = await this.#chat.close({ within })
      this.#log('info', 'ended', { closed, terminated, duration: Math.round(duration) })
      process.exit(status)
    } catch (error) {
      this.#log('error', 'ended-badly', { error: String(error) })
      process.exit(1)
    }
  }

  #giveUp(): void {
    this.#log('error', 'ended-late')
    process.exit(1)
  }
}
