// Reads a stream of frames without changing it (RFC 6455 §5.2): validates headers, unmasks copies of
// control frames, and skips the payload of all other frames.

import type { FrameSink, PartialFrame } from './decoder.ts'
import { createHeader, type FrameHeader, readHeader } from './header.ts'
import { mask } from './mask.ts'
import { isControl } from './opcode.ts'
import type { Role } from './role.ts'
import { validateHeader } from './validate-header.ts'

/** The longest payload of a control frame in bytes, which is more than the longest header. */
const MAX_CONTROL_LENGTH = 125

/**
 * An incremental scanner for one direction of a connection, to look ahead in bytes that will be
 * decoded later, or to skip messages. Its time depends on the number of frames, not on their size.
 */
export class FrameScanner {
  readonly #role: Role
  readonly #sink: FrameSink
  readonly #reservedBits: number
  readonly #header: FrameHeader
  /** Bytes of the current frame's payload that follow; −1 between frames. */
  #remaining = -1
  /** The start of a header, or of a control frame's payload, still masked. */
  #carried: Uint8Array | undefined
  #carriedLength = 0

  /**
   * The sink gets all headers, but the payload of control frames only. `reservedBits` are as for a
   * `FrameDecoder`; `partialFrame` is the state of one, from which to continue.
   */
  constructor(role: Role, sink: FrameSink, reservedBits = 0, partialFrame?: PartialFrame) {
    this.#role = role
    this.#sink = sink
    this.#reservedBits = reservedBits
    const { header = createHeader(), carried, offset = 0 } = partialFrame ?? {}
    this.#header = { ...header }
    if (partialFrame?.header !== undefined) this.#remaining = header.payloadLength - offset
    if (carried !== undefined) this.#carry(carried, 0, carried.length)
  }

  /**
   * Scans `bytes[start, end)`, which do not change. Returns the index of the first byte that was not
   * scanned: `end`, or less if the sink stopped it. Throws a `ProtocolError` for an invalid header,
   * and errors of the sink; the scanner must not be used after that.
   */
  scan(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    let at = start
    for (;;) {
      if (this.#remaining < 0) {
        at = this.#scanHeader(bytes, at, end)
        if (this.#remaining < 0) return at
      }
      const from = at
      at = Math.min(end, from + this.#remaining)
      this.#remaining -= at - from
      const isInControl = isControl(this.#header.opcode)
      if (isInControl) this.#carry(bytes, from, at)
      if (this.#remaining > 0) return at
      this.#remaining = -1
      if (isInControl && this.#passControl()) return at
    }
  }

  /** Returns the index after the header. `#remaining` is still −1 if the header is incomplete. */
  #scanHeader(bytes: Uint8Array, start: number, end: number): number {
    const header = this.#header
    let at = start
    if (this.#carriedLength === 0) {
      const size = readHeader(bytes, start, end, header)
      if (size === 0) return this.#carry(bytes, start, end)
      at += size
    } else {
      do {
        if (at === end) return end
        at = this.#carry(bytes, at, at + 1)
      } while (readHeader(this.#carried!, 0, this.#carriedLength, header) === 0)
      this.#carriedLength = 0
    }
    validateHeader(header, this.#role, this.#reservedBits)
    this.#remaining = header.payloadLength
    this.#sink.header?.(header, end - at >= header.payloadLength)
    return at
  }

  /** Passes on the control frame that is complete. True if the sink stops the scanner. */
  #passControl(): boolean {
    const header = this.#header
    const payload = this.#carried ?? NOTHING
    const length = this.#carriedLength
    this.#carriedLength = 0
    if (header.masked) mask(payload, 0, length, header.maskingKey)
    return this.#sink.payload(header, payload, 0, length, true) === true
  }

  /** Returns `end`. */
  #carry(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return end
    this.#carried ??= new Uint8Array(MAX_CONTROL_LENGTH)
    this.#carried.set(bytes.subarray(start, end), this.#carriedLength)
    this.#carriedLength += end - start
    return end
  }
}

const NOTHING = new Uint8Array(0)
