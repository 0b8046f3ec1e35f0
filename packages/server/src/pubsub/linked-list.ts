// A doubly linked list. Knows nothing of what stands in it.

/** A place in a line. */
export interface ListNode<T> {
  readonly value: T
  before: ListNode<T> | undefined
  after: ListNode<T> | undefined
}

/** Values in order, any of which can step out at once: what an array and a Set take long for, the one inside, the other in front. */
export class LinkedList<T> {
  #first: ListNode<T> | undefined
  #last: ListNode<T> | undefined
  #length = 0

  get length(): number {
    return this.#length
  }

  get first(): T | undefined {
    return this.#first?.value
  }

  add(value: T): ListNode<T> {
    const place: ListNode<T> = { value, before: this.#last, after: undefined }
    if (this.#last === undefined) this.#first = place
    else this.#last.after = place
    this.#last = place
    this.#length++
    return place
  }

  remove({ before, after }: ListNode<T>): void {
    if (before === undefined) this.#first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    this.#length--
  }

  /** The value that was given last may step out meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (let place = this.#first; place !== undefined; place = place.after) yield place.value
  }
}
