// A limit of time for something that a peer owes us. It is told the time and never reads a clock.

/** One thing that must be over in time; made when it is owed, let go of when it has come or made progress. */
export class Deadline {
  readonly #timeout: number
  #due: number | undefined

  /** `timeout` in milliseconds; `Infinity` for none. */
  constructor(timeout: number) {
    this.#timeout = timeout
  }

  /**
   * Whether the time is up. The first call starts the count, so it is never up early. `elapsed` milliseconds
   * since the call before do not count if `standing`: the peer may have paid, and we did not look.
   */
  isExpired(now: number, elapsed: number, standing: boolean): boolean {
    if (this.#due === undefined) this.#due = now + this.#timeout
    else if (standing) this.#due += elapsed
    return now >= this.#due
  }
}
