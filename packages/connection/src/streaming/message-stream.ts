// A received message in pieces, as they arrive and no faster than they are read, so that a message
// of any size needs constant memory.

import type { Bytes, CloseInfo, IncomingStream, Message, MessageType } from '@ws/protocol'
import { AsyncQueue } from './async-queue.ts'
import { incompleteMessageError } from './incomplete-message.ts'

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
  const queue = new AsyncQueue<Message>()
  const ending: EndState = { over: false, error: undefined }
  // The protocol writes strings for a text, and bytes otherwise.
  const message =
    type === 'text'
      ? new TextReader(type, queue as AsyncQueue<string>, ending)
      : new BinaryReader(type, queue as AsyncQueue<Bytes>, ending)
  let unread = 0
  const release = (): void => {
    if (--unread === 0) input.resume()
  }
  const incoming: MessageInput = {
    ...(maxSize === undefined ? undefined : { maxSize }),
    write(piece) {
      if (ending.over) return
      // An extension may produce several pieces before the pause takes effect.
      if (unread++ === 0) input.pause()
      queue.deliver(piece, () => queueMicrotask(release))
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
 * A message in pieces. It can be read once, by one loop; the peer is held back until the loop
 * requests the next piece. Leaving the loop drops the rest of the message; the connection stays
 * open. Throws a `WebSocketError` (`ERR_WS_INCOMPLETE_MESSAGE`) after the last piece if the
 * connection ended within the message.
 */
export interface PieceStream<Type extends MessageType, Piece> extends AsyncIterable<Piece, undefined> {
  readonly type: Type
  /** Throws a `TypeError` the second time. */
  [Symbol.asyncIterator](): AsyncIterator<Piece, undefined>
  /** Drops the rest of the message. */
  cancel(): void
}

/** A text, in strings of whole characters. */
export interface TextStream extends PieceStream<'text', string> {
  /** The whole text. */
  text(): Promise<string>
}

/** A binary message, in arrays of bytes that are yours. */
export interface BinaryStream extends PieceStream<'binary', Bytes> {
  /** All bytes. */
  bytes(): Promise<Bytes>
}

/** A received message in pieces; `type` says which. */
export type MessageStream = TextStream | BinaryStream

class PieceReader<Type extends MessageType, Piece> implements PieceStream<Type, Piece> {
  readonly type: Type
  readonly #queue: AsyncQueue<Piece>
  readonly #ending: EndState

  constructor(type: Type, queue: AsyncQueue<Piece>, ending: EndState) {
    this.type = type
    this.#queue = queue
    this.#ending = ending
  }

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

  cancel(): void {
    this.#ending.over = true
    this.#queue.discard()
    this.#ending.error = undefined
  }
}

class TextReader extends PieceReader<'text', string> implements TextStream {
  async text(): Promise<string> {
    let text = ''
    for await (const piece of this) text += piece
    return text
  }
}

class BinaryReader extends PieceReader<'binary', Bytes> implements BinaryStream {
  async bytes(): Promise<Bytes> {
    const pieces: Bytes[] = []
    let length = 0
    for await (const piece of this) {
      pieces.push(piece)
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
