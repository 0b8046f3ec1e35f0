// Limits a rate by a token bucket.

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
 * Limits a rate: a bucket of `burst` tokens, full at first, that is refilled by `perSecond`. Within
 * t seconds at most `perSecond` × t are taken, plus once `burst`, or the largest count if that is
 * larger. All times are in milliseconds of one clock that never goes back; by default
 * `performance.now()`.
 *
 * A count above `burst` is granted when the bucket is full, and leaves a debt that new tokens pay
 * off first. For bytes, `burst` should cover what may arrive at once (64 KiB), or the effective
 * rate depends on how TCP segments the data.
 */
export class RateLimiter {
  readonly #rate: Rate
  /** The last time when the bucket was known to be full. */
  #fullAt: number
  /** Tokens taken since then. The level is computed from these two, so that no error adds up. */
  #taken = 0
  #wait = 0

  /** Throws a `TypeError` or a `RangeError` for a wrong rate. */
  constructor(rate: Rate, now: number = performance.now()) {
    this.#rate = checkRate('rate', rate)
    this.#fullAt = now
  }

  /**
   * Milliseconds, rounded up, from the last `take` until it would be granted; 0 if it was. Nothing
   * else must be taken in the meantime.
   */
  get wait(): number {
    return this.#wait
  }

  /** Takes `count` tokens, or returns false and takes none. 0 is granted unless there is a debt. */
  take(count: number = 1, now: number = performance.now()): boolean {
    const { perSecond, burst } = this.#rate
    const level = this.#level(now)
    const needed = Math.min(count, burst)
    if (level < needed) {
      this.#wait = Math.ceil(((needed - level) * 1000) / perSecond)
      return false
    }
    this.#wait = 0
    this.#spend(count, level, now)
    return true
  }

  /** Takes `count` tokens whatever is left, down to a debt of `burst`. */
  charge(count: number, now: number = performance.now()): void {
    const level = this.#level(now)
    this.#spend(Math.min(count, Math.max(0, level + this.#rate.burst)), level, now)
  }

  /** Whether it is as new. */
  isFull(now: number = performance.now()): boolean {
    return this.#level(now) === this.#rate.burst
  }

  /** The number of tokens; negative for a debt. */
  #level(now: number): number {
    const { perSecond, burst } = this.#rate
    return Math.min(burst, burst - this.#taken + ((now - this.#fullAt) * perSecond) / 1000)
  }

  #spend(count: number, level: number, now: number): void {
    if (level < this.#rate.burst) this.#taken += count
    else {
      this.#fullAt = now
      this.#taken = count
    }
  }
}
