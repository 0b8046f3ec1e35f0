// A queue of received chunks. A peer may send each byte in a chunk of its own, so all operations
// take constant time.

/** The array is compacted when at least this many slots, and half of all, are empty. */
const COMPACT_FROM = 1024
/** Bytes of memory that a chunk takes beyond its length: the array and its buffer. */
const CHUNK_OVERHEAD = 256

export class ChunkQueue {
  #chunks: (Uint8Array | undefined)[] = []
  /** The index of the first chunk; the slots before it are empty. */
  #first = 0
  #offset = 0
  #length = 0
  #start = 0

  /**
   * The position of the first byte: the number of bytes taken before. It is negative if the queue
   * began with bytes that were put back.
   */
  get start(): number {
    return this.#start
  }

  /** The position behind the last byte. */
  get end(): number {
    return this.#start + this.#length
  }

  /** In bytes. */
  get length(): number {
    return this.#length
  }

  /**
   * Bytes of memory that the chunks take: one byte in a chunk of its own takes more than one, and a
   * chunk takes its size until the last of its bytes has been taken.
   */
  get memory(): number {
    return this.#offset + this.#length + CHUNK_OVERHEAD * (this.#chunks.length - this.#first)
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** Puts the rest of a chunk back at the front, before a chunk of which nothing has been taken. */
  putBack(rest: Uint8Array): void {
    // Stryker disable next-line ConditionalExpression: an array keeps −1 as a property.
    if (this.#first > 0) this.#chunks[--this.#first] = rest
    else this.#chunks.unshift(rest)
    this.#length += rest.length
    this.#start -= rest.length
  }

  /** The first chunk, or undefined. Its bytes from `offset` on are in the queue. */
  get first(): Uint8Array | undefined {
    return this.#chunks[this.#first]
  }

  /** The bytes of the first chunk that have been taken. */
  get offset(): number {
    return this.#offset
  }

  /**
   * Takes bytes up to this index of the first chunk. A chunk of many messages is taken one by one,
   * without a view for each (`pnpm bench async-handler`).
   */
  takeTo(index: number): void {
    const { length } = this.#chunks[this.#first]!
    const taken = index - this.#offset
    this.#length -= taken
    this.#start += taken
    this.#offset = index
    if (index === length) this.#removeFirst()
  }

  #removeFirst(): void {
    this.#offset = 0
    this.#chunks[this.#first++] = undefined
    // Stryker disable next-line ConditionalExpression,EqualityOperator,LogicalOperator: how often
    // it is compacted.
    if (this.#first >= COMPACT_FROM && 2 * this.#first >= this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#first)
      this.#first = 0
    }
  }

  /**
   * The bytes behind a position where a chunk begins, or at the start of the queue, found in time
   * that depends on them only.
   */
  chunksFrom(position: number): readonly Uint8Array[] {
    let first = this.#chunks.length
    for (let at = this.end; at > position; ) at -= this.#chunks[--first]!.length
    const chunks = this.#chunks.slice(first) as Uint8Array[]
    if (first === this.#first && chunks.length > 0) chunks[0] = chunks[0]!.subarray(this.#offset)
    return chunks
  }
}
