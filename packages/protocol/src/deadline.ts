// A deadline for the peer. The time is passed in; no clock is read.

/** The deadline for one thing. Create it when the wait begins, drop it when the wait is over. */
export class Deadline {
  readonly #timeout: number
  #due: number | undefined

  /** `timeout` in milliseconds, or `Infinity`. */
  constructor(timeout: number) {
    this.#timeout = timeout
  }

  /**
   * Whether the time is up. The first call starts the clock, so the deadline is never early. The
   * `elapsed` milliseconds since the previous call do not count if `isStopped`, because the peer
   * may have answered without our reading it.
   */
  isExpired(now: number, elapsed: number, isStopped: boolean): boolean {
    if (this.#due === undefined) this.#due = now + this.#timeout
    else if (isStopped) this.#due += elapsed
    return now >= this.#due
  }
}
