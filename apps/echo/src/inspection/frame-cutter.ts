// Cuts long payloads out of one direction of a connection, legal or not, so that a record stays small.

import { createHeader, MAX_HEADER_SIZE, readHeader } from '@ws/frame'

/** Receives the parts of the stream, in order. Bytes are lent for the call. */
export interface CutSink {
  bytes(bytes: Uint8Array): void
  skipped(count: number): void
}

/** Keeps all headers, and the start of each payload. */
export class FrameCutter {
  readonly #maxPayload: number
  readonly #sink: CutSink
  readonly #header = createHeader()
  /** The start of a header. */
  readonly #partial = new Uint8Array(MAX_HEADER_SIZE)
  #length = 0
  /** Bytes of payload that follow, and how many of them are kept. */
  #remaining = 0
  #kept = 0

  /** `maxPayload` is in bytes. */
  constructor(maxPayload: number, sink: CutSink) {
    this.#maxPayload = maxPayload
    this.#sink = sink
  }

  /** Takes the next bytes. */
  cut(bytes: Uint8Array): void {
    let from = 0
    for (let at = 0; at < bytes.length; ) {
      if (this.#remaining === 0) {
        this.#readByte(bytes[at]!)
        at++
        continue
      }
      const length = Math.min(this.#remaining, bytes.length - at)
      const kept = Math.min(this.#kept, length)
      this.#remaining -= length
      this.#kept -= kept
      if (kept < length) {
        this.#pass(bytes, from, at + kept)
        this.#sink.skipped(length - kept)
        from = at + length
      }
      at += length
    }
    this.#pass(bytes, from, bytes.length)
  }

  #pass(bytes: Uint8Array, from: number, to: number): void {
    if (from < to) this.#sink.bytes(bytes.subarray(from, to))
  }

  /** Takes one byte of a header. */
  #readByte(byte: number): void {
    this.#partial[this.#length++] = byte
    if (readHeader(this.#partial, 0, this.#length, this.#header) === 0) return
    this.#length = 0
    this.#remaining = this.#header.payloadLength
    this.#kept = Math.min(this.#remaining, this.#maxPayload)
  }
}
