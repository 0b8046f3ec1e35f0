// Limits a rate by a token bucket. The caller provides the time.

/** A rate: `perSecond` in the long run, and `burst` at once after a pause. */
export interface Rate {
  /** Above 0; may be a fraction. */
  readonly perSecond: number
  /** A whole number, at least 1. */
  readonly burst: number
}

/** Returns a copy of `rate`. Throws a `TypeError` or a `RangeError` that says what is accepted. */
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
 * A bucket of `burst` tokens, full at first, that is refilled by `perSecond`. Within t seconds at
 * most `perSecond` × t are taken, plus once `burst`, or the largest count if that is larger.
 *
 * A count above `burst` is granted when the bucket is full, and leaves a debt that new tokens pay
 * off first. For bytes, `burst` should cover what may arrive at once (64 KiB), or the effective
 * rate depends on how TCP segments the data.
 */
export class TokenBucket {
  readonly #rate: Rate
  /** The last time when the bucket was known to be full. */
  #fullAt: number
  /** Tokens taken since then. The level is computed from these two, so that no error adds up. */
  #taken = 0

  /** `now` as for `take`; `rate` as returned by `checkRate`. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#fullAt = now
  }

  /**
   * Takes `count` tokens, or returns false and takes none. `now` is in milliseconds of a clock that
   * never goes back. A count of 0 is always granted.
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
