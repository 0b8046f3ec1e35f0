// How much of something a peer may do in a time: messages, bytes, pings. It is told the time and never reads a clock; what happens
// to who asks for more is not its business.

/** What is allowed: so many a second in the long run, and so many at once after a rest. */
export interface Rate {
  /** More than 0, a fraction too. */
  readonly perSecond: number
  /** A whole number, at least 1. */
  readonly burst: number
}

/** A copy of `rate`. Throws a `TypeError` or a `RangeError` that calls it `name` and says what is accepted. */
export function checkRate(name: string, rate: Rate): Rate {
  if (typeof rate !== 'object' || rate === null)
    throw new TypeError(`${name} must be { perSecond, burst }, not ${rate === null ? 'null' : typeof rate}`)
  for (const key of Object.keys(rate)) {
    if (key !== 'perSecond' && key !== 'burst')
      throw new TypeError(`${name} must be { perSecond, burst }, without ${key}`)
  }
  const { perSecond, burst } = rate
  if (typeof perSecond !== 'number')
    throw new TypeError(`${name}.perSecond must be a number, not ${typeof perSecond}`)
  if (!(perSecond > 0 && Number.isFinite(perSecond)))
    throw new RangeError(`${name}.perSecond must be a number above 0, not ${perSecond}`)
  if (typeof burst !== 'number') throw new TypeError(`${name}.burst must be a number, not ${typeof burst}`)
  if (!(Number.isSafeInteger(burst) && burst > 0))
    throw new RangeError(`${name}.burst must be a whole number above 0, not ${burst}`)
  return { perSecond, burst }
}

/**
 * A bucket that holds `burst` tokens, full at first, and gets `perSecond` new ones. In any time of t seconds no more are taken
 * than `perSecond` × t and, once, `burst` or the largest count if that is larger.
 *
 * A count above `burst` (a chunk of 64 KiB where bytes are counted) is there when the bucket is full, and leaves a debt that new
 * tokens pay off first: such a count costs as many as it is, no fewer, yet does not have to wait for a bucket that can never be
 * so full. Whoever counts bytes should allow a burst of what may arrive in one go, or a peer's rate depends on how TCP cuts.
 */
export class TokenBucket {
  readonly #rate: Rate
  /** When the bucket was last known to be full. */
  #fullAt: number
  /** Tokens taken since then: the level is reckoned from these two each time, so no error adds up. */
  #taken = 0

  /** `now` as for `take`; `rate` as `checkRate` gives it. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#fullAt = now
  }

  /**
   * Takes `count` tokens, or none and says false. `now` in milliseconds of a clock that never goes back. A count of 0 is always
   * there.
   */
  take(count: number, now: number): boolean {
    const { perSecond, burst } = this.#rate
    const level = burst - this.#taken + ((now - this.#fullAt) * perSecond) / 1000
    if (level >= burst) {
      this.#fullAt = now
      this.#taken = count
      return true
    }
    if (level < Math.min(count, burst) && count > 0) return false
    this.#taken += count
    return true
  }
}
