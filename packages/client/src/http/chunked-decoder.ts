// Decodes the chunked transfer coding (RFC 9112 §7.1).

import { Buffer } from 'node:buffer'

/** Bytes of a chunk's size with its extensions; more are malformed. */
const MAX_SIZE_LINE = 1024

/** Decodes one body. After its end, or what is malformed, everything is dropped. */
export class ChunkedDecoder {
  #line = ''
  /** Bytes of the current chunk that are still to come, with its CRLF; 0 within a size line. */
  #remaining = 0
  #isFinished = false

  /** Whether the body has ended, or is malformed. */
  get isFinished(): boolean {
    return this.#isFinished
  }

  /** The data in the next bytes. */
  *decode(bytes: Uint8Array): Generator<Uint8Array, void> {
    let at = 0
    while (at < bytes.length && !this.#isFinished) {
      if (this.#remaining === 0) {
        at = this.#readLine(bytes, at)
        continue
      }
      const data = Math.min(Math.max(this.#remaining - 2, 0), bytes.length - at)
      if (data > 0) yield bytes.subarray(at, at + data)
      const end = Math.min(this.#remaining - data, bytes.length - at - data)
      this.#remaining -= data + end
      at += data + end
    }
  }

  #readLine(bytes: Uint8Array, start: number): number {
    const end = bytes.indexOf(0x0a, start)
    const stop = end === -1 ? bytes.length : end + 1
    this.#line += Buffer.from(bytes.subarray(start, stop)).toString('latin1')
    if (this.#line.length > MAX_SIZE_LINE) this.#isFinished = true
    else if (end !== -1) this.#startChunk()
    return stop
  }

  #startChunk(): void {
    const [digits = ''] = this.#line.split(/[;\r\n]/, 1)
    this.#line = ''
    const size = /^[0-9a-f]{1,8}[ \t]*$/i.test(digits) ? Number.parseInt(digits, 16) : 0
    if (size === 0) this.#isFinished = true
    else this.#remaining = size + 2
  }
}
