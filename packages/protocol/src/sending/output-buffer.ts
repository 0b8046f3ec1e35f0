// Frames on their way out: encoded one behind the other into one buffer, so that what is sent in one turn leaves in one write.
// Knows no rules; it writes what it is told, in order.

import {
  createHeader,
  headerSize,
  MAX_HEADER_SIZE,
  mask,
  minimalLengthSize,
  Opcode,
  type Role,
  writeHeader,
} from '@ws/frame'
import type { Host } from '../host.ts'
import { PreparedMessage } from './prepared-message.ts'

/** From so many bytes on, what needs no masking (a payload, a frame that was prepared) is not copied behind other frames. */
const BY_REFERENCE_FROM = 16 * 1024
/** The largest buffer that is taken on suspicion. */
const LARGEST_GUESS = 64 * 1024
/**
 * Up to so many UTF-16 units, a text is given room for the most bytes that it may have, rather than measured before it is encoded
 * (`pnpm bench codec`).
 */
const UNMEASURED_UP_TO = 1024
/** A unit has at most three bytes of UTF-8; four are for a pair of them. */
const MOST_BYTES_OF_UNIT = 3

const NOTHING: readonly Uint8Array[] = []

/** The header being written; one for all, since nothing happens between filling it in and writing it. */
const header = createHeader()

/** Encodes frames and keeps them until they are taken. */
export class OutputBuffer {
  readonly #host: Host
  readonly #masked: boolean
  /** Full buffers, large payloads and prepared frames, in order, before what `#buffer` has from `#start` to `#used`. */
  #chunks: Uint8Array[] | undefined
  #buffer: Uint8Array | undefined
  #start = 0
  #used = 0
  /** Bytes in `#chunks`. */
  #chunksLength = 0
  /** Bytes that were encoded since the last turn, and in it: the best guess at what this turn will need. */
  #encoded = 0
  #lastEncoded = 0

  constructor(role: Role, host: Host) {
    this.#host = host
    this.#masked = role === 'client'
  }

  /** Whether frames are masked here: then none can be that of other connections too. */
  get masked(): boolean {
    return this.#masked
  }

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#chunksLength + this.#used - this.#start
  }

  /** Adds a frame. The payload must stay as it is until the output has been written. */
  addFrame(opcode: number, payload: Uint8Array, fin = true, rsv = 0): void {
    const { length } = payload
    if (!this.#masked && length >= BY_REFERENCE_FROM) {
      this.#addHeader(opcode, length, 0, fin, rsv)
      this.#seal()
      this.#pushChunk(payload)
      return
    }
    const buffer = this.#addHeader(opcode, length, length, fin, rsv)
    if (length === 0) return
    buffer.set(payload, this.#used)
    this.#finishPayload(buffer, length)
  }

  /** Adds a frame whose payload is a text. */
  addText(opcode: number, text: string, fin = true, rsv = 0): void {
    if (text.length <= UNMEASURED_UP_TO) {
      this.#addUnmeasured(opcode, text, fin, rsv)
      return
    }
    const length = this.#host.measureText(text)
    const buffer = this.#addHeader(opcode, length, length, fin, rsv)
    this.#host.encodeText(text, buffer, this.#used)
    this.#finishPayload(buffer, length)
  }

  /** Adds a whole message that needs no extension, as text or as binary. */
  addMessage(message: string | Uint8Array | PreparedMessage): void {
    if (typeof message === 'string') this.addText(Opcode.text, message)
    else if (!(message instanceof PreparedMessage)) this.addFrame(Opcode.binary, message)
    // "a client MUST mask all frames that it sends to the server", each with a key of its own.
    else if (this.#masked) this.addMessage(message.data)
    else this.addEncoded(message.frame(this.#host))
  }

  /** Adds a frame that is not ours alone: by reference, unless a copy of it saves a buffer. */
  addEncoded(frame: Uint8Array): void {
    if (this.length === 0 || frame.length >= BY_REFERENCE_FROM) {
      this.#seal()
      this.#pushChunk(frame)
      return
    }
    this.#reserve(frame.length).set(frame, this.#used)
    this.#used += frame.length
  }

  /** Gives what waits, to be written in this order, and begins anew. */
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

  /** Encodes the text where it stands if it is ASCII, and moves it where its length then takes more bytes of header. */
  #addUnmeasured(opcode: number, text: string, fin: boolean, rsv: number): void {
    const buffer = this.#reserve(MAX_HEADER_SIZE + MOST_BYTES_OF_UNIT * text.length)
    this.#fillHeader(opcode, text.length, fin, rsv)
    const expected = this.#used + headerSize(header)
    const length = this.#host.encodeText(text, buffer, expected)
    setPayloadLength(length)
    const start = this.#used + headerSize(header)
    if (start !== expected) buffer.copyWithin(start, expected, expected + length)
    writeHeader(buffer, this.#used, header)
    this.#used = start
    this.#finishPayload(buffer, length)
  }

  /** Writes a header and makes room for `room` bytes behind it in the same buffer, which it returns. */
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
    header.masked = this.#masked
    header.maskingKey = this.#masked ? this.#host.createMaskingKey() : 0
    setPayloadLength(payloadLength)
  }

  #finishPayload(buffer: Uint8Array, length: number): void {
    const start = this.#used
    this.#used += length
    if (this.#masked) mask(buffer, start, this.#used, header.maskingKey)
  }

  /** A buffer with that much room behind `#used`. */
  #reserve(size: number): Uint8Array {
    const buffer = this.#buffer
    if (buffer !== undefined && buffer.length - this.#used >= size) return buffer
    this.#seal()
    const guess = this.#encoded === 0 ? this.#lastEncoded : 2 * this.#encoded
    this.#buffer = this.#host.allocate(Math.max(size, Math.min(guess + size, LARGEST_GUESS)))
    this.#start = 0
    this.#used = 0
    return this.#buffer
  }

  /** Puts what was encoded behind the other chunks; the rest of the buffer can still be used. */
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
