// Encodes frames into one buffer, so that all frames of one turn are written to the transport at
// once.

import {
  createHeader,
  headerSize,
  MAX_HEADER_SIZE,
  mask,
  minimalLengthSize,
  Opcode,
  writeHeader,
} from '@ws/frame'
import type { Context } from '../context.ts'
import type { MessageType } from '../extension.ts'
import { PreparedMessage } from './prepared-message.ts'

/**
 * From this size in bytes on, unmasked payloads and encoded frames are not copied until they are
 * written (`pnpm bench codec`, `pnpm bench echo-4k`).
 */
export const BY_REFERENCE_FROM: number = 4 * 1024
/** The largest buffer that is allocated ahead. */
const LARGEST_GUESS = 64 * 1024
/**
 * Up to this many UTF-16 units, a text is encoded into room for its largest possible size, instead
 * of being measured first (`pnpm bench codec`).
 */
const UNMEASURED_UP_TO = 1024
/** A UTF-16 unit has at most three bytes of UTF-8; four bytes encode a pair. */
const MAX_BYTES_OF_UNIT = 3

const NOTHING: readonly Uint8Array[] = []

/** Reused for all frames: it is filled in and written without a call in between. */
const header = createHeader()

export class OutputBuffer {
  /** Number of messages, whole or streamed, whose last frame has been added. */
  completedMessages = 0
  readonly #context: Pick<Context, 'role' | 'host'>
  /** Full buffers, large payloads and prepared frames, which precede `#buffer[#start, #used)`. */
  #chunks: Uint8Array[] | undefined
  #buffer: Uint8Array | undefined
  #start = 0
  #used = 0
  /** Bytes in `#chunks`. */
  #chunksLength = 0
  /** Bytes encoded since `take`, and before it: an estimate of the next buffer's size. */
  #encoded = 0
  #lastEncoded = 0

  constructor(context: Pick<Context, 'role' | 'host'>) {
    this.#context = context
  }

  /** Whether frames are masked, and so cannot be shared with other connections. */
  get masked(): boolean {
    return this.#context.role === 'client'
  }

  get length(): number {
    return this.#chunksLength + this.#used - this.#start
  }

  /** Adds a frame. The payload must not change until the output has been written. */
  addFrame(opcode: number, payload: Uint8Array, fin = true, rsv = 0): void {
    const { length } = payload
    if (!this.masked && length >= BY_REFERENCE_FROM) {
      this.#addHeader(opcode, length, 0, fin, rsv)
      this.#seal()
      this.#pushChunk(payload)
      return
    }
    const buffer = this.#addHeader(opcode, length, length, fin, rsv)
    // Stryker disable next-line ConditionalExpression: copying no bytes changes nothing.
    if (length === 0) return
    buffer.set(payload, this.#used)
    this.#finishPayload(buffer, length)
  }

  addText(opcode: number, text: string, fin = true, rsv = 0): void {
    // Stryker disable next-line ConditionalExpression,EqualityOperator,BlockStatement: chooses the
    // faster of two ways.
    if (text.length <= UNMEASURED_UP_TO) {
      this.#addUnmeasured(opcode, text, fin, rsv)
      return
    }
    const length = this.#context.host.measureText(text)
    const buffer = this.#addHeader(opcode, length, length, fin, rsv)
    this.#context.host.encodeText(text, buffer, this.#used)
    this.#finishPayload(buffer, length)
  }

  /** Adds a whole message without an extension. */
  addMessage(message: string | Uint8Array | PreparedMessage, type?: MessageType): void {
    if (typeof message === 'string') this.addText(type === 'binary' ? Opcode.binary : Opcode.text, message)
    else if (!(message instanceof PreparedMessage))
      this.addFrame(type === 'text' ? Opcode.text : Opcode.binary, message)
    // "a client MUST mask all frames that it sends to the server", each with a key of its own.
    else if (this.masked) this.addMessage(message.data, message.type)
    else this.addEncoded(message.frame(this.#context.host))
  }

  /** Adds a shared frame: by reference, unless it is small and follows other frames. */
  addEncoded(frame: Uint8Array): void {
    if (this.length === 0 || frame.length >= BY_REFERENCE_FROM) {
      this.#seal()
      this.#pushChunk(frame)
      return
    }
    this.#reserve(frame.length).set(frame, this.#used)
    this.#used += frame.length
  }

  /** Returns the encoded frames in order, and empties the buffer. */
  take(): readonly Uint8Array[] {
    if (this.length === 0) return NOTHING
    this.#seal()
    const chunks = this.#chunks!
    this.#chunks = undefined
    this.#chunksLength = 0
    this.#buffer = undefined
    this.#start = 0
    this.#used = 0
    this.#lastEncoded = this.#encoded
    this.#encoded = 0
    return chunks
  }

  /** Encodes a text as if it were ASCII, and moves it if its header turns out to be longer. */
  #addUnmeasured(opcode: number, text: string, fin: boolean, rsv: number): void {
    const buffer = this.#reserve(MAX_HEADER_SIZE + MAX_BYTES_OF_UNIT * text.length)
    this.#fillHeader(opcode, text.length, fin, rsv)
    const expected = this.#used + headerSize(header)
    const length = this.#context.host.encodeText(text, buffer, expected)
    setPayloadLength(length)
    const start = this.#used + headerSize(header)
    // Stryker disable next-line ConditionalExpression: moving to the same place is harmless.
    if (start !== expected) buffer.copyWithin(start, expected, expected + length)
    writeHeader(buffer, this.#used, header)
    this.#used = start
    this.#finishPayload(buffer, length)
  }

  /** Writes a header and reserves `room` bytes after it. Returns the buffer. */
  #addHeader(opcode: number, payloadLength: number, room: number, fin: boolean, rsv: number): Uint8Array {
    this.#fillHeader(opcode, payloadLength, fin, rsv)
    const buffer = this.#reserve(headerSize(header) + room)
    this.#used += writeHeader(buffer, this.#used, header)
    return buffer
  }

  #fillHeader(opcode: number, payloadLength: number, fin: boolean, rsv: number): void {
    header.fin = fin
    header.rsv = rsv
    header.opcode = opcode
    header.masked = this.masked
    header.maskingKey = header.masked ? this.#context.host.createMaskingKey() : 0
    setPayloadLength(payloadLength)
  }

  #finishPayload(buffer: Uint8Array, length: number): void {
    const start = this.#used
    this.#used += length
    // Stryker disable next-line ConditionalExpression: an unmasked frame has the key 0.
    if (this.masked) mask(buffer, start, this.#used, header.maskingKey)
  }

  /** A buffer with room for `size` bytes from `#used` on. */
  #reserve(size: number): Uint8Array {
    const buffer = this.#buffer
    if (buffer !== undefined && buffer.length - this.#used >= size) return buffer
    this.#seal()
    const guess = this.#encoded === 0 ? this.#lastEncoded : 2 * this.#encoded
    this.#buffer = this.#context.host.allocate(Math.max(size, Math.min(guess + size, LARGEST_GUESS)))
    this.#start = 0
    this.#used = 0
    return this.#buffer
  }

  /** Moves the encoded bytes to `#chunks`; the rest of the buffer is still used. */
  #seal(): void {
    if (this.#used === this.#start) return
    this.#pushChunk(this.#buffer!.subarray(this.#start, this.#used))
    this.#encoded += this.#used - this.#start
    this.#start = this.#used
  }

  #pushChunk(chunk: Uint8Array): void {
    this.#chunks ??= []
    this.#chunks.push(chunk)
    this.#chunksLength += chunk.length
  }
}

function setPayloadLength(length: number): void {
  header.payloadLength = length
  header.lengthSize = minimalLengthSize(length)
}
