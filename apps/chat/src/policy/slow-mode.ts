// The last message of each user in a room, for slow mode. Retries with the same cid count once.

/** Most users that are remembered. */
const MOST = 10_000

export class SlowMode {
  readonly #last = new Map<string, { readonly cid: string; readonly at: number }>()

  /** Milliseconds that a user must wait before this message; 0 for none. */
  wait(user: string, cid: string, seconds: number, now: number): number {
    const last = this.#last.get(user)
    if (last === undefined || last.cid === cid) return 0
    return Math.max(0, last.at + seconds * 1000 - now)
  }

  sent(user: string, cid: string, now: number): void {
    // Move to the back: the users at the front have been silent for longest.
    this.#last.delete(user)
    this.#last.set(user, { cid, at: now })
    if (this.#last.size > MOST) this.#last.delete(this.#last.keys().next().value!)
  }
}
