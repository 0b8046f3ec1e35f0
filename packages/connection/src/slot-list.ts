// Who is there, where many come and go: a list of places, each taken again when whoever had it has left.
//
// Not a `Set`: V8 gives it a new table every few changes, and the old ones, linked to the new, keep whoever had already left from the
// quick collections of garbage (`pnpm bench handshakes`).

/** Members in no order in particular. */
export class SlotList<T extends object> implements Iterable<T> {
  readonly #members: (T | undefined)[] = []
  readonly #free: number[] = []

  /** How many members there are. */
  get size(): number {
    return this.#members.length - this.#free.length
  }

  /** Takes one in and says at which place. */
  add(member: T): number {
    const place = this.#free.pop() ?? this.#members.length
    this.#members[place] = member
    return place
  }

  /** Whoever is at that place leaves it. */
  delete(place: number): void {
    this.#members[place] = undefined
    this.#free.push(place)
  }

  /** Those who are there when it is their turn: who leaves meanwhile is left out, who comes meanwhile may be. */
  *[Symbol.iterator](): Generator<T, undefined, undefined> {
    for (const member of this.#members) if (member !== undefined) yield member
  }
}
