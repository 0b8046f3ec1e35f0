// Bytes to frames (RFC 6455 §5.2), for either role: reads, judges, unmasks and hands on. Knows nothing of messages; that a
// continuation has something to continue is the protocol's business.

import { createHeader, type FrameHeader, MAX_HEADER_SIZE, readHeader } from './header.ts'
import { mask } from './mask.ts'
import { isControl } from './opcode.ts'
import type { Role } from './role.ts'
import { validateHeader } from './validate-header.ts'

/** Where decoded frames go. The header object serves for other frames, too: copy what you keep. */
export interface FrameSink {
  /**
   * Called once a frame, as soon as its header is complete and legal and before any payload; `whole` if all of that lies behind it
   * in what was given to `decode`. Throw to refuse the frame.
   */
  header?(header: Readonly<FrameHeader>, whole: boolean): void
  /**
   * Called with unmasked payload in `bytes[start, end)`, good for this call only. A control frame, an empty frame and any
   * frame that lies whole in what was given to `decode` come in one call with `last` set; a payload that arrives in pieces
   * comes in several, in order, never copied, `last` set on the final one. Return true to stop `decode` after this call.
   */
  payload(
    header: Readonly<FrameHeader>,
    bytes: Uint8Array,
    start: number,
    end: number,
    last: boolean,
  ): boolean | undefined
}

/** The header that nobody reads into: a decoder takes it while it is at work, and keeps it for a frame of which more is to come. */
let spareHeader: FrameHeader | undefined

/** The first `length` of these bytes have come. */
interface Carried {
  readonly bytes: Uint8Array
  length: number
}

/** An incremental decoder of one direction of a connection. Between calls it carries part of a header or of one control frame. */
export class FrameDecoder {
  readonly #role: Role
  readonly #sink: FrameSink
  readonly #reservedBits: number
  /** Of the frame whose payload has not all come. */
  #header: FrameHeader | undefined
  /** How much of the current frame's payload has been taken; −1 between frames. */
  #offset = -1
  /** What a chunk ended in: the start of a header, or of a control frame's payload, still masked. */
  #carried: Carried | undefined

  /** `reservedBits` are those that a negotiated extension gives a meaning, as in `FrameHeader.rsv`. */
  constructor(role: Role, sink: FrameSink, reservedBits = 0) {
    this.#role = role
    this.#sink = sink
    this.#reservedBits = reservedBits
  }

  /**
   * Decodes `bytes[start, end)`, which are the decoder's from now on: it unmasks in place. Returns the index of the first
   * byte that it did not take: `end`, or less where the sink stopped it; give it the rest to go on. Throws a `ProtocolError`
   * for an illegal header, and what the sink throws; after that the decoder is of no more use.
   */
  decode(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    const header = this.#header ?? spareHeader ?? createHeader()
    // A sink may make another decoder work.
    if (header === spareHeader) spareHeader = undefined
    const at = this.#decodeFrames(header, bytes, start, end)
    const between = this.#offset < 0
    if (between) spareHeader = header
    this.#header = between ? undefined : header
    return at
  }

  #decodeFrames(header: FrameHeader, bytes: Uint8Array, start: number, end: number): number {
    let at = start
    for (;;) {
      if (this.#offset < 0) {
        at = this.#decodeHeader(header, bytes, at, end)
        if (this.#offset < 0) return at
      }
      const from = at
      at = Math.min(end, from + header.payloadLength - this.#offset)
      const stop = this.#decodePayload(header, bytes, from, at)
      if (stop || this.#offset >= 0) return at
    }
  }

  /** Returns the index after the header; `#offset` is then 0, or still −1 where the header has not all arrived. */
  #decodeHeader(header: FrameHeader, bytes: Uint8Array, start: number, end: number): number {
    let at: number
    if (this.#carried === undefined) {
      const size = readHeader(bytes, start, end, header)
      if (size === 0) return this.#carryHeader(bytes, start, end)
      at = start + size
    } else {
      at = this.#completeHeader(header, this.#carried, bytes, start, end)
      if (this.#carried !== undefined) return at
    }
    validateHeader(header, this.#role, this.#reservedBits)
    this.#offset = 0
    this.#sink.header?.(header, end - at >= header.payloadLength)
    return at
  }

  #carryHeader(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return end
    this.#carried = { bytes: new Uint8Array(MAX_HEADER_SIZE), length: end - start }
    this.#carried.bytes.set(bytes.subarray(start, end))
    return end
  }

  #completeHeader(
    header: FrameHeader,
    carried: Carried,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number {
    for (let at = start; at < end; ) {
      carried.bytes[carried.length++] = bytes[at++]!
      if (readHeader(carried.bytes, 0, carried.length, header) > 0) {
        this.#carried = undefined
        return at
      }
    }
    return end
  }

  /** Hands on the piece `bytes[start, end)` of the current payload; true when the sink wants to stop. */
  #decodePayload(header: FrameHeader, bytes: Uint8Array, start: number, end: number): boolean {
    const offset = this.#offset
    const last = offset + end - start === header.payloadLength
    if (start === end && !last) return false
    this.#offset = last ? -1 : offset + end - start
    if (isControl(header.opcode) && !(last && offset === 0)) {
      return this.#gatherControl(header, bytes, start, end, last)
    }
    if (header.masked) mask(bytes, start, end, header.maskingKey, offset)
    return this.#sink.payload(header, bytes, start, end, last) === true
  }

  #gatherControl(header: FrameHeader, bytes: Uint8Array, start: number, end: number, last: boolean): boolean {
    this.#carried ??= { bytes: new Uint8Array(header.payloadLength), length: 0 }
    const { bytes: payload, length } = this.#carried
    payload.set(bytes.subarray(start, end), length)
    this.#carried.length += end - start
    if (!last) return false
    this.#carried = undefined
    if (header.masked) mask(payload, 0, payload.length, header.maskingKey)
    return this.#sink.payload(header, payload, 0, payload.length, true) === true
  }
}
