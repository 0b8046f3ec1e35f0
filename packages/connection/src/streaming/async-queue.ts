// Between what pushes and what pulls: items are delivered as they come and taken by one loop, and who delivers learns when the
// loop is ready for more. Knows nothing of sockets.

/** An item that nobody has asked for yet. */
interface Delivery<T> {
  readonly item: T
  readonly release: () => void
}

/**
 * Items on their way from one producer to one consumer, in order. An queue is its own iterator, and has only that one. While
 * the consumer waits, it keeps that promise alive and nothing else.
 */
export class AsyncQueue<T> implements AsyncIterable<T, undefined>, AsyncIterator<T, undefined> {
  readonly #onReturn: (() => void) | undefined
  #iterated = false
  #ended = false
  #returned = false
  #deliveries: Delivery<T>[] | undefined
  /** Calls of `next` that nothing has been delivered for; empty while there are deliveries. */
  #waiting: ((result: IteratorResult<T, undefined>) => void)[] | undefined
  /** Tells who delivered what the consumer is at work on that it has asked for more. */
  #release: (() => void) | undefined

  /** `onReturn` is called once, when the consumer leaves its loop before the end: by `break`, `return` or an error. */
  constructor(onReturn?: () => void) {
    this.#onReturn = onReturn
  }

  // ── the producer ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Hands an item to the consumer. Resolves when it has asked for the item after this one, or when the queue has ended. An
   * queue that has ended drops the item.
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

  /** Nothing more will be delivered. What has been is still given to the consumer, but nobody waits for that. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#goOn()
    for (const { release } of this.#deliveries ?? []) release()
    for (const take of this.#waiting ?? []) take({ done: true, value: undefined })
    this.#waiting = undefined
  }

  /** Ends, and drops what the consumer has not taken. */
  discard(): void {
    this.end()
    this.#deliveries = undefined
  }

  // ── the consumer ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Throws a `TypeError` the second time: two loops would each miss what the other takes. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    if (this.#iterated) throw new TypeError('this can be iterated once only')
    this.#iterated = true
    return this
  }

  /** The next item; calls before there is one are served in order. Never rejects. */
  next(): Promise<IteratorResult<T, undefined>> {
    this.#goOn()
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

  /** Ends, and drops what has not been taken. Rejects with what `onReturn` throws. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.discard()
    if (!this.#returned) {
      this.#returned = true
      this.#onReturn?.()
    }
    return { done: true, value: undefined }
  }

  #goOn(): void {
    this.#release?.()
    this.#release = undefined
  }
}
