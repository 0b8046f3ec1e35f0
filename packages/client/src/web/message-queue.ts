// Received messages that have not been read. The platform's `WebSocket` cannot be held back, so they
// wait in memory.

/** A queue with one reader at a time. */
export class MessageQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #items: T[] = []
  readonly #waiting: ((result: IteratorResult<T, undefined>) => void)[] = []
  readonly #drained = Promise.withResolvers<void>()
  #hasEnded = false

  /** Resolves when the queue has ended and everything has been read. */
  get drained(): Promise<void> {
    return this.#drained.promise
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  add(item: T): void {
    if (this.#hasEnded) return
    const take = this.#waiting.shift()
    if (take === undefined) this.#items.push(item)
    else take({ done: false, value: item })
  }

  /** Adds nothing more. */
  end(): void {
    this.#hasEnded = true
    for (const take of this.#waiting.splice(0)) take({ done: true, value: undefined })
    this.#checkDrained()
  }

  /** Drops what has not been read. */
  discard(): void {
    this.#items.length = 0
    this.end()
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.isEmpty) {
      if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined })
      return new Promise(take => this.#waiting.push(take))
    }
    const value = this.#items.shift()!
    this.#checkDrained()
    return Promise.resolve({ done: false, value })
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.discard()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #checkDrained(): void {
    if (this.#hasEnded && this.isEmpty) this.#drained.resolve()
  }
}
