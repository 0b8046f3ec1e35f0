// The messages of others that a user has not read yet, one by one: each can be edited, deleted, or
// read on another device.

export class Unread {
  readonly #messages = new Map<number, boolean>()
  #upTo = 0
  /** There may be more than `count`. */
  isMore = false

  /** The read position of the user. */
  get upTo(): number {
    return this.#upTo
  }

  get count(): number {
    return this.#messages.size
  }

  /** The number of mentions of the user. */
  get mentions(): number {
    return [...this.#messages.values()].filter(Boolean).length
  }

  /** A message of another user. False if it was read already. */
  add(seq: number, isMention: boolean): boolean {
    if (seq <= this.#upTo) return false
    this.#messages.set(seq, isMention)
    return true
  }

  /** A message was edited. */
  change(seq: number, isMention: boolean): void {
    if (this.#messages.has(seq)) this.#messages.set(seq, isMention)
  }

  /** A message was deleted. */
  remove(seq: number): void {
    this.#messages.delete(seq)
  }

  /** Reads up to a position, only forward. */
  read(seq: number): void {
    this.#upTo = Math.max(this.#upTo, seq)
    for (const each of this.#messages.keys()) if (each <= this.#upTo) this.#messages.delete(each)
  }
}
