// A list of members in numbered slots. A slot is used again when its member has been deleted.
//
// In place of a `Set`, which V8 reallocates every few changes: the old tables, linked to the new
// one, keep deleted members alive through minor garbage collections (`pnpm bench handshakes`).

/** Members in no particular order. */
export class SlotList<T extends object> implements Iterable<T> {
  readonly #members: (T | undefined)[] = []
  readonly #free: number[] = []

  /** Number of members. */
  get size(): number {
    return this.#members.length - this.#free.length
  }

  /** Adds a member and returns its slot. */
  add(member: T): number {
    const slot = this.#free.pop() ?? this.#members.length
    this.#members[slot] = member
    return slot
  }

  /** Removes the member in this slot. */
  delete(slot: number): void {
    this.#members[slot] = undefined
    this.#free.push(slot)
  }

  /**
   * Skips members that are deleted during the iteration; those added may or may not be included.
   */
  *[Symbol.iterator](): Generator<T, undefined, undefined> {
    for (const member of this.#members) if (member !== undefined) yield member
  }
}
