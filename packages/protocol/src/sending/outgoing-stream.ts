// A message that is sent in pieces (RFC 6455 §5.4): fragmentation is "to allow sending a message
// that is of unknown size when the message is started without having to buffer that message."

import { type BinaryLike, toBytes } from '../bytes.ts'
import type { MessageType } from '../extension.ts'

const NOTHING = new Uint8Array(0)

/** Sends one message, each piece as a fragment. Later messages wait for its end; pings do not. */
export class OutgoingStream {
  readonly #type: MessageType
  readonly #write: (data: string | Uint8Array, last: boolean) => boolean
  /** The first half of a surrogate pair at the end of a piece. */
  #surrogate = ''
  #ended = false

  /** Use `Protocol.stream`. `write` returns false once the connection is not open. */
  constructor(type: MessageType, write: (data: string | Uint8Array, last: boolean) => boolean) {
    this.#type = type
    this.#write = write
  }

  /**
   * Sends the next piece: a string for a text, bytes for a binary message. Bytes must not change
   * until they have been written. Returns false if the connection is not open. Throws a `TypeError`
   * for the wrong type, or after `end`.
   */
  write(piece: string | BinaryLike): boolean {
    return this.#send(piece, false)
  }

  /** Completes the message with an optional last piece; see `write`. */
  end(piece: string | BinaryLike = this.#type === 'text' ? '' : NOTHING): boolean {
    const open = this.#send(piece, true)
    this.#ended = true
    return open
  }

  #send(piece: string | BinaryLike, last: boolean): boolean {
    if (this.#ended) throw new TypeError('the message has already ended')
    if (this.#type === 'binary') {
      const bytes = toBytes(piece)
      if (bytes === undefined)
        throw new TypeError('a piece of a binary message must be an ArrayBuffer or a view of one')
      return this.#write(bytes, last)
    }
    if (typeof piece !== 'string') throw new TypeError('a piece of a text message must be a string')
    return this.#write(last ? this.#surrogate + piece : this.#wholeCharacters(this.#surrogate + piece), last)
  }

  /** The text without half a surrogate pair at its end, which is kept for the next piece. */
  #wholeCharacters(text: string): string {
    const half = (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800
    this.#surrogate = half ? text.slice(-1) : ''
    return half ? text.slice(0, -1) : text
  }
}
