// Spreads bytes over time, so that their rate stays below a limit.

/** A limit in bytes per second. */
export class Pacer {
  readonly #bytesPerSecond: number
  readonly #burst: number
  /** When everything that was taken has passed at this rate. */
  #passed = 0

  /** `burst` is the time in milliseconds by which senders may be ahead of the rate. */
  constructor(bytesPerSecond: number, burst = 0) {
    this.#bytesPerSecond = bytesPerSecond
    this.#burst = burst
  }

  /** Takes bytes at a time in milliseconds, and returns for how long they must wait. */
  take(bytes: number, now: number): number {
    const wait = Math.max(0, this.#passed - this.#burst - now)
    this.#passed = Math.max(this.#passed, now) + (bytes / this.#bytesPerSecond) * 1000
    return wait
  }
}
