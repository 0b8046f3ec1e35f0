// How often one connection, address or name may do something. Is told the time, and says how long to wait.

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

  /** Takes one, and gives 0; or takes none, and gives the milliseconds until there is one. */
  take(now: number): number {
    const { perSecond, burst } = this.#rate
    this.#left = Math.min(burst, this.#left + (Math.max(0, now - this.#at) * perSecond) / 1000)
    this.#at = now
    if (this.#left < 1) return Math.ceil(((1 - this.#left) * 1000) / perSecond)
    this.#left--
    return 0
  }

  /** Whether nothing has been taken for so long that it is as new. */
  isFull(now: number): boolean {
    const { perSecond, burst } = this.#rate
    return this.#left + ((now - this.#at) * perSecond) / 1000 >= burst
  }
}
