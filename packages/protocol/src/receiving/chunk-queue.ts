// Chunks of the wire that wait to be decoded, in order. A peer may send each byte in a chunk of its own, so nothing here takes
// time in proportion to how many there are.

/** From so many empty places at the front on, the list is made shorter when they are half of it. */
const COMPACT_FROM = 1024

/** A queue of chunks that knows how many bytes it holds. */
export class ChunkQueue {
  #chunks: (Uint8Array | undefined)[] = []
  /** Where the first one is; the places before it are empty. */
  #first = 0
  #length = 0

  /** Bytes in the queue. */
  get length(): number {
    return this.#length
  }

  get isEmpty(): boolean {
    return this.#first === this.#chunks.length
  }

  /** Puts a chunk behind all others. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** Puts what is left of a chunk before all others. */
  putBack(rest: Uint8Array): void {
    if (this.#first > 0) this.#chunks[--this.#first] = rest
    else this.#chunks.unshift(rest)
    this.#length += rest.length
  }

  /** Takes the first chunk; undefined if there is none. */
  take(): Uint8Array | undefined {
    if (this.isEmpty) return undefined
    const chunk = this.#chunks[this.#first]!
    this.#chunks[this.#first++] = undefined
    this.#length -= chunk.length
    if (this.#first >= COMPACT_FROM && 2 * this.#first >= this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#first)
      this.#first = 0
    }
    return chunk
  }
}
