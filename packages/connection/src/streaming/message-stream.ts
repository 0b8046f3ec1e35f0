// One message of the peer's, received in pieces as they arrive and no faster than they are read: a message of any size passes
// through constant memory. Knows no frames; limits and UTF-8 are the protocol's.

import type { IncomingStream, MessageType } from '@ws/protocol'
import { AsyncQueue } from './async-queue.ts'

type Piece = string | Uint8Array

/** What can be made to wait. */
export interface PausableInput {
  /** Tells nothing more, until `resume`. */
  pause(): void
  resume(): void
}

/** The end of a message stream that the protocol writes to. */
export interface MessageInput extends IncomingStream {
  /** As `IncomingStream.abort`, nothing behind the end; the cause, such as the close report, is that of the reader's error. */
  abort(cause?: unknown): void
}

/** Makes both ends of a message that begins; `maxSize` as in `IncomingStream`. */
export function createMessageStream(
  type: MessageType,
  input: PausableInput,
  maxSize?: number,
): { readonly incoming: MessageInput; readonly message: MessageStream } {
  const queue = new AsyncQueue<Piece>()
  const ending: Ending = { over: false, error: undefined }
  const message = new MessageStream(type, queue, ending)
  let unread = 0
  const incoming: MessageInput = {
    ...(maxSize === undefined ? undefined : { maxSize }),
    write(piece) {
      if (ending.over) return
      // An extension may put out several pieces before the hold is heeded.
      if (unread++ === 0) input.pause()
      void queue.deliver(piece).then(() => {
        if (--unread === 0) input.resume()
      })
    },
    end() {
      ending.over = true
      queue.end()
    },
    abort(cause) {
      if (ending.over) return
      ending.over = true
      ending.error = new Error('the connection ended before the message was complete', { cause })
      queue.end()
    },
  }
  return { incoming, message }
}

interface Ending {
  /** Nothing more is wanted, or will come. */
  over: boolean
  /** What is thrown behind the last piece. */
  error: Error | undefined
}

/**
 * A message in pieces: strings of whole characters if it is a text, otherwise bytes. It is read once, by one loop; the peer is
 * held back until the loop asks for the next piece. To leave the loop drops the rest of the message; the connection stays
 * open. Throws an `Error` behind the last piece that came if the connection ended inside of the message.
 */
export class MessageStream implements AsyncIterable<Piece, undefined> {
  readonly type: MessageType
  readonly #queue: AsyncQueue<Piece>
  readonly #ending: Ending

  /** Made by `createMessageStream`. */
  constructor(type: MessageType, queue: AsyncQueue<Piece>, ending: Ending) {
    this.type = type
    this.#queue = queue
    this.#ending = ending
  }

  /** Throws a `TypeError` the second time. */
  [Symbol.asyncIterator](): AsyncIterator<Piece, undefined> {
    const pieces = this.#queue[Symbol.asyncIterator]()
    return {
      next: async () => {
        const next = await pieces.next()
        const { error } = this.#ending
        if (!next.done || error === undefined) return next
        this.#ending.error = undefined
        throw error
      },
      return: async () => {
        this.cancel()
        return { done: true, value: undefined }
      },
    }
  }

  /** Drops what has not been read, and what is still to come. */
  cancel(): void {
    this.#ending.over = true
    this.#queue.discard()
    this.#ending.error = undefined
  }

  /** The whole text. Rejects with a `TypeError` if the message is binary. */
  async text(): Promise<string> {
    if (this.type !== 'text') throw new TypeError('the message is binary, not a text')
    let text = ''
    for await (const piece of this) text += piece as string
    return text
  }

  /** The whole binary message. Rejects with a `TypeError` if it is a text. */
  async bytes(): Promise<Uint8Array> {
    if (this.type !== 'binary') throw new TypeError('the message is a text, not binary')
    const pieces: Uint8Array[] = []
    let length = 0
    for await (const piece of this) {
      pieces.push(piece as Uint8Array)
      length += piece.length
    }
    const bytes = new Uint8Array(length)
    let at = 0
    for (const piece of pieces) {
      bytes.set(piece, at)
      at += piece.length
    }
    return bytes
  }
}
