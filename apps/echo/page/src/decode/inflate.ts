// Decompresses the messages of one direction (RFC 7692), with the decompressor of the browser.

import { type Frame, payloadOf } from './frame.ts'

/** "00 00 ff ff", which a sender removes from the end of each message (RFC 7692 §7.2.1). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff)

/** Takes the message that a frame has ended. */
type OnInflated = (message: Uint8Array) => void

/** Decompresses message after message. */
export class Inflater {
  /** Whether a message may refer to those before it. */
  readonly #hasContext: boolean
  #stream: Stream | undefined
  #compressed: Uint8Array[] = []
  /** Messages that are being decompressed, in order. */
  #last: Promise<unknown> = Promise.resolve()
  /** A message was not recorded whole, so nothing behind it can be read. */
  #isBroken = false

  constructor(hasContext: boolean) {
    this.#hasContext = hasContext
  }

  /** Adds a frame, and passes on its message if it is the last of a compressed one. */
  add(frame: Frame, onInflated: OnInflated): void {
    if (!frame.isCompressed || frame.header.opcode >= 8) return
    if (frame.skipped > 0 || !frame.isComplete) this.#isBroken = true
    if (this.#isBroken) return
    this.#compressed.push(payloadOf(frame))
    if (!frame.header.fin) return
    const pieces = [...this.#compressed, TAIL]
    this.#compressed = []
    this.#last = this.#last.then(async () => {
      if (this.#isBroken) return
      try {
        onInflated(await this.#inflate(pieces))
      } catch {
        this.#isBroken = true
      }
    })
  }

  async #inflate(pieces: readonly Uint8Array[]): Promise<Uint8Array> {
    if (!this.#hasContext) this.#stream = undefined
    this.#stream ??= new Stream()
    return this.#stream.inflate(pieces)
  }
}

class Stream {
  readonly #writer: WritableStreamDefaultWriter<BufferSource>
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #reading: Promise<ReadableStreamReadResult<Uint8Array>> | undefined

  constructor() {
    const { readable, writable } = new DecompressionStream('deflate-raw')
    this.#writer = writable.getWriter()
    this.#reader = readable.getReader()
  }

  /** The output has no boundaries: all of a message is there when its last piece has been written. */
  async inflate(pieces: readonly Uint8Array[]): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    const written = Promise.all(pieces.map(piece => this.#writer.write(Uint8Array.from(piece))))
    written.catch(() => {})
    for (;;) {
      this.#reading ??= this.#reader.read()
      const result = await Promise.race([this.#reading, written.then(nextTask)])
      if (result === undefined) break
      this.#reading = undefined
      if (result.value !== undefined) chunks.push(result.value)
      if (result.done) break
    }
    return joined(chunks)
  }
}

function nextTask(): Promise<undefined> {
  return new Promise(resolve => setTimeout(() => resolve(undefined)))
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
