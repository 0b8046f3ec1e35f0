// Reads the headers of a stream of frames, legal or not, and skips their payload.

import { createHeader, type FrameHeader, MAX_HEADER_SIZE, readHeader } from '@ws/frame'

/** Gets each header when it is complete. The object is reused. */
export type OnHeader = (header: Readonly<FrameHeader>) => void

/** One direction of a connection. */
export class FrameReader {
  readonly #onHeader: OnHeader
  readonly #header = createHeader()
  /** The start of a header. */
  readonly #partial = new Uint8Array(MAX_HEADER_SIZE)
  #length = 0
  /** Bytes of payload that follow. */
  #remaining = 0

  constructor(onHeader: OnHeader) {
    this.#onHeader = onHeader
  }

  /** Reads the next bytes, which do not change. */
  read(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const skipped = Math.min(this.#remaining, bytes.length - at)
      this.#remaining -= skipped
      at += skipped
      if (at < bytes.length) at = this.#readHeader(bytes, at)
    }
  }

  /** Takes one byte of a header, and returns the index after it. */
  #readHeader(bytes: Uint8Array, at: number): number {
    this.#partial[this.#length++] = bytes[at]!
    if (readHeader(this.#partial, 0, this.#length, this.#header) > 0) {
      this.#length = 0
      this.#remaining = this.#header.payloadLength
      this.#onHeader(this.#header)
    }
    return at + 1
  }
}
