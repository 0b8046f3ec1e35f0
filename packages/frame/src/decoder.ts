// Decodes frames incrementally (RFC 6455 §5.2), for either role: reads and validates headers,
// unmasks payload, and passes both to a sink.

import { createHeader, type FrameHeader, MAX_HEADER_SIZE, readHeader } from './header.ts'
import { mask } from './mask.ts'
import { isControl } from './opcode.ts'
import type { Role } from './role.ts'
import { validateHeader } from './validate-header.ts'

/** Receives decoded frames. The header object is reused: copy the fields that you keep. */
export interface FrameSink {
  /**
   * Called once for each frame, when its header is complete and valid and before any payload.
   * `whole` is true if the current chunk contains all of the payload. Throw to reject the frame.
   */
  header?(header: Readonly<FrameHeader>, whole: boolean): void
  /**
   * Called with unmasked payload in `bytes[start, end)`, which is lent for this call. Control
   * frames, empty frames and frames that a chunk contains whole are passed in one call with `last`
   * set. Other payload is passed in several calls, in order and not copied, with `last` set in the
   * final one. Return true to stop `decode` after this call.
   */
  payload(
    header: Readonly<FrameHeader>,
    bytes: Uint8Array,
    start: number,
    end: number,
    last: boolean,
  ): unknown
}

/** The part of a frame that a decoder has received. */
export interface PartialFrame {
  /** Undefined if the header is incomplete. */
  readonly header: Readonly<FrameHeader> | undefined
  /** Bytes of the payload that have been received. */
  readonly offset: number
  /** The start of a header, or of a control frame's payload, still masked; else empty. */
  readonly carried: Uint8Array
}

/** A spare header object, reused between frames. A decoder keeps it while a frame is incomplete. */
let spareHeader: FrameHeader | undefined

/** A buffer of which the first `length` bytes have been received. */
interface Carried {
  readonly bytes: Uint8Array
  length: number
}

const NOTHING_CARRIED: Carried = { bytes: new Uint8Array(0), length: 0 }

/**
 * An incremental decoder for one direction of a connection. Between calls it buffers at most part
 * of a header or of one control frame.
 */
export class FrameDecoder {
  readonly #role: Role
  readonly #sink: FrameSink
  readonly #reservedBits: number
  #header: FrameHeader | undefined
  /** Bytes of the current frame's payload that have been passed on; −1 between frames. */
  #offset = -1
  /** The start of a header, or of a control frame's payload, still masked. */
  #carried: Carried | undefined

  /** `reservedBits` are the bits that a negotiated extension uses, as in `FrameHeader.rsv`. */
  constructor(role: Role, sink: FrameSink, reservedBits = 0) {
    this.#role = role
    this.#sink = sink
    this.#reservedBits = reservedBits
  }

  /** A copy of the frame in progress, from which a `FrameScanner` can continue. */
  get partialFrame(): PartialFrame {
    const { bytes, length } = this.#carried ?? NOTHING_CARRIED
    const header = this.#header === undefined ? undefined : { ...this.#header }
    return { header, offset: Math.max(0, this.#offset), carried: bytes.slice(0, length) }
  }

  /**
   * Decodes `bytes[start, end)` and unmasks them in place. Returns the index of the first byte that
   * was not decoded: `end`, or less if the sink stopped it. Call it again with the rest to
   * continue. Throws a `ProtocolError` for an invalid header, and errors of the sink; the decoder
   * must not be used after that.
   */
  decode(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    const header = this.#header ?? spareHeader ?? createHeader()
    // Stryker disable ConditionalExpression: without a spare header, another is created.
    // The sink may call another decoder.
    if (header === spareHeader) spareHeader = undefined
    const at = this.#decodeFrames(header, bytes, start, end)
    const between = this.#offset < 0
    if (between) spareHeader = header
    this.#header = between ? undefined : header
    return at
  }

  // Stryker restore ConditionalExpression
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

  /** Returns the index after the header. `#offset` is then 0, or −1 if the header is incomplete. */
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
    // Stryker disable next-line ConditionalExpression: carrying no bytes changes nothing.
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

  /** Passes on `bytes[start, end)` of the current payload. True if the sink stops the decoder. */
  #decodePayload(header: FrameHeader, bytes: Uint8Array, start: number, end: number): boolean {
    const offset = this.#offset
    const last = offset + end - start === header.payloadLength
    // Stryker disable next-line BooleanLiteral: no bytes are left to decode.
    if (start === end && !last) return false
    this.#offset = last ? -1 : offset + end - start
    if (isControl(header.opcode) && !(last && offset === 0)) {
      return this.#gatherControl(header, bytes, start, end, last)
    }
    // Stryker disable next-line ConditionalExpression: an unmasked frame has the key 0.
    if (header.masked) mask(bytes, start, end, header.maskingKey, offset)
    return this.#sink.payload(header, bytes, start, end, last) === true
  }

  #gatherControl(header: FrameHeader, bytes: Uint8Array, start: number, end: number, last: boolean): boolean {
    this.#carried ??= { bytes: new Uint8Array(header.payloadLength), length: 0 }
    const { bytes: payload, length } = this.#carried
    payload.set(bytes.subarray(start, end), length)
    this.#carried.length += end - start
    // Stryker disable next-line BooleanLiteral: no bytes are left to decode.
    if (!last) return false
    this.#carried = undefined
    // Stryker disable next-line ConditionalExpression: an unmasked frame has the key 0.
    if (header.masked) mask(payload, 0, payload.length, header.maskingKey)
    return this.#sink.payload(header, payload, 0, payload.length, true) === true
  }
}
