// A queue between a producer and one `for await` loop, which tells the producer when the loop is
// ready for more.

/** An item that has not been requested yet. */
interface Delivery<T> {
  readonly item: T
  readonly release: () => void
}

/**
 * Items from one producer to one consumer, in order. A queue is its own, only iterator.
 */
export class AsyncQueue<T> implements AsyncIterable<T, undefined>, AsyncIterator<T, undefined> {
  readonly #onReturn: (() => void) | undefined
  #iterated = false
  #ended = false
  #returned = false
  #deliveries: Delivery<T>[] | undefined
  /** Pending calls of `next`; empty while there are deliveries. */
  #waiting: ((result: IteratorResult<T, undefined>) => void)[] | undefined
  /** Resolves the `deliver` of the item that the consumer is working on. */
  #release: (() => void) | undefined

  /**
   * `onReturn` is called once if the consumer leaves its loop early: by `break`, `return` or an
   * error.
   */
  constructor(onReturn?: () => void) {
    this.#onReturn = onReturn
  }

  // ── the producer ──────────────────────────────────────────────────────────────────────────────

  /**
   * Delivers an item. Resolves when the consumer requests the item after it, or the queue has
   * ended. An ended queue drops the item.
   */
  deliver(item: T): Promise<void> {
    if (this.#ended) return Promise.resolve()
    const take = this.#waiting?.shift()
    if (take === undefined) {
      return new Promise(release => {
        this.#deliveries ??= []
        this.#deliveries.push({ item, release })
      })
    }
    take({ done: false, value: item })
    if (this.#waiting!.length > 0) return Promise.resolve()
    return new Promise(release => {
      this.#release = release
    })
  }

  /**
   * Ends the queue. The consumer still gets what was delivered, but `deliver` no longer waits for
   * that.
   */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#releaseCurrent()
    for (const { release } of this.#deliveries ?? []) release()
    for (const take of this.#waiting ?? []) take({ done: true, value: undefined })
    this.#waiting = undefined
  }

  /** Ends the queue, and drops the remaining items. */
  discard(): void {
    this.end()
    this.#deliveries = undefined
  }

  // ── the consumer ──────────────────────────────────────────────────────────────────────────────

  /** Throws a `TypeError` the second time: each of two loops would miss items. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    if (this.#iterated) throw new TypeError('this can be iterated once only')
    this.#iterated = true
    return this
  }

  /** The next item. Pending calls are served in order. Never rejects. */
  next(): Promise<IteratorResult<T, undefined>> {
    this.#releaseCurrent()
    const delivery = this.#deliveries?.shift()
    if (delivery !== undefined) {
      this.#release = delivery.release
      return Promise.resolve({ done: false, value: delivery.item })
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise(take => {
      this.#waiting ??= []
      this.#waiting.push(take)
    })
  }

  /** Ends the queue, and drops the remaining items. Rejects with the error of `onReturn`. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.discard()
    if (!this.#returned) {
      this.#returned = true
      this.#onReturn?.()
    }
    return { done: true, value: undefined }
  }

  #releaseCurrent(): void {
    this.#release?.()
    this.#release = undefined
  }
}
