// A queue of received chunks. A peer may send each byte in a chunk of its own, so all operations
// take constant time.

/** The array is compacted when at least this many slots, and half of all, are empty. */
const COMPACT_FROM = 1024

export class ChunkQueue {
  #chunks: (Uint8Array | undefined)[] = []
  /** The index of the first chunk; the slots before it are empty. */
  #first = 0
  #length = 0

  /** In bytes. */
  get length(): number {
    return this.#length
  }

  get isEmpty(): boolean {
    return this.#first === this.#chunks.length
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** Puts the rest of a chunk back at the front. */
  putBack(rest: Uint8Array): void {
    if (this.#first > 0) this.#chunks[--this.#first] = rest
    else this.#chunks.unshift(rest)
    this.#length += rest.length
  }

  /** Removes and returns the first chunk, or undefined. */
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
