// A received message in pieces, as they arrive and no faster than they are read, so that a message
// of any size needs constant memory.

import type { Bytes, CloseInfo, IncomingStream, Message, MessageType } from '@ws/protocol'
import { AsyncQueue } from './async-queue.ts'
import { incompleteMessageError } from './incomplete-message.ts'

type Piece = Message

/** Input that can be paused. */
export interface PausableInput {
  /** Delivers nothing more until `resume`. */
  pause(): void
  resume(): void
}

/** The side of a message stream that the protocol writes to. */
export interface MessageInput extends IncomingStream {
  /** Does nothing after the end. The report becomes the `cause` of the reader's error. */
  abort(report?: CloseInfo): void
}

/** Creates both sides of a message; `maxSize` as in `IncomingStream`. */
export function createMessageStream(
  type: MessageType,
  input: PausableInput,
  maxSize?: number,
): { readonly incoming: MessageInput; readonly message: MessageStream } {
  const queue = new AsyncQueue<Piece>()
  const ending: EndState = { over: false, error: undefined }
  const message = new MessageStream(type, queue, ending)
  let unread = 0
  const incoming: MessageInput = {
    ...(maxSize === undefined ? undefined : { maxSize }),
    write(piece) {
      if (ending.over) return
      // An extension may produce several pieces before the pause takes effect.
      if (unread++ === 0) input.pause()
      void queue.deliver(piece).then(() => {
        if (--unread === 0) input.resume()
      })
    },
    end() {
      ending.over = true
      queue.end()
    },
    abort(report) {
      if (ending.over) return
      ending.over = true
      ending.error = incompleteMessageError(report)
      queue.end()
    },
  }
  return { incoming, message }
}

interface EndState {
  /** No further piece is expected. */
  over: boolean
  /** Thrown after the last piece. */
  error: Error | undefined
}

/**
 * A message in pieces: strings of whole characters for a text, otherwise bytes. It can be read
 * once, by one loop; the peer is held back until the loop requests the next piece. Leaving the loop
 * drops the rest of the message; the connection stays open. Throws an `Error` after the last piece
 * if the connection ended within the message.
 */
export class MessageStream implements AsyncIterable<Piece, undefined> {
  readonly type: MessageType
  readonly #queue: AsyncQueue<Piece>
  readonly #ending: EndState

  /** Created by `createMessageStream`. */
  constructor(type: MessageType, queue: AsyncQueue<Piece>, ending: EndState) {
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

  /** Drops the rest of the message. */
  cancel(): void {
    this.#ending.over = true
    this.#queue.discard()
    this.#ending.error = undefined
  }

  /** The whole text. Rejects with a `TypeError` for a binary message. */
  async text(): Promise<string> {
    if (this.type !== 'text') throw new TypeError('the message is binary, not a text')
    let text = ''
    for await (const piece of this) text += piece as string
    return text
  }

  /** All bytes. Rejects with a `TypeError` for a text message. */
  async bytes(): Promise<Bytes> {
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
