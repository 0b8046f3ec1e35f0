// A token bucket that says how long to wait. Reads no clock.

import type { Rate } from '@ws/server'

/** `burst` at once after a rest, `perSecond` in the long run. */
export class Allowance {
  readonly #rate: Rate
  #left: number
  #at: number

  /** `now` in milliseconds, of the same clock as for `take`. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#left = rate.burst
    this.#at = now
  }

  /**
   * Takes `cost`, and gives 0; or takes nothing, and gives the milliseconds until it can. A cost above the burst can be taken
   * when the allowance is full, and leaves a debt.
   */
  take(now: number, cost = 1): number {
    const { perSecond, burst } = this.#rate
    this.#refill(now)
    const needed = Math.min(cost, burst)
    if (this.#left < needed) return Math.ceil(((needed - this.#left) * 1000) / perSecond)
    this.#left -= cost
    return 0
  }

  /** Takes `cost` whatever is left: what is too much is a debt, at most as large as the burst. */
  charge(now: number, cost: number): void {
    this.#refill(now)
    this.#left = Math.max(-this.#rate.burst, this.#left - cost)
  }

  /** Whether it has rested for so long that it is as new. */
  isFull(now: number): boolean {
    const { perSecond, burst } = this.#rate
    return this.#left + ((now - this.#at) * perSecond) / 1000 >= burst
  }

  #refill(now: number): void {
    const { perSecond, burst } = this.#rate
    this.#left = Math.min(burst, this.#left + (Math.max(0, now - this.#at) * perSecond) / 1000)
    this.#at = now
  }
}
