// The callbacks of sent messages: each is called once, when the transport has taken its message, or
// when it never will.

import { CloseCode, type CloseInfo, WebSocketError } from '@ws/protocol'
import type { Written } from './streaming/send-options.ts'

interface SentMessage {
  /** The number of the message among all that the connection has accepted: 1, 2, 3 … */
  readonly number: number
  readonly written: Written
}

/** The callbacks of one connection, in the order of their messages. */
export class WrittenCallbacks {
  readonly #call: (written: Written, error?: Error) => void
  readonly #messages: SentMessage[] = []

  /** `call` must not throw. */
  constructor(call: (written: Written, error?: Error) => void) {
    this.#call = call
  }

  /** Whether any message has not been taken. */
  get isWaiting(): boolean {
    return this.#messages.length > 0
  }

  /** Adds an accepted message. */
  add(number: number, written: Written): void {
    this.#messages.push({ number, written })
  }

  /** The transport has taken all messages up to this number. */
  settle(number: number): void {
    const next = this.#messages.findIndex(message => message.number > number)
    const taken = this.#messages.splice(0, next === -1 ? this.#messages.length : next)
    for (const { written } of taken) this.#call(written)
  }

  /** The transport has closed: no other message will be taken. */
  end(error: Error): void {
    for (const { written } of this.#messages.splice(0)) this.#call(written, error)
  }
}

/** The error of a message that was not written; without a report if that waits for a handler. */
export function notWrittenError(report: CloseInfo | undefined, cause: Error | null): WebSocketError {
  return new WebSocketError('the connection ended before the message was written', {
    closeCode: report?.code ?? CloseCode.abnormal,
    reason: report?.reason ?? '',
    cause: report?.cause ?? cause ?? undefined,
  })
}
