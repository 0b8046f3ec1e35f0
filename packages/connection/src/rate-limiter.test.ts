import { randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { checkRate, type Rate, RateLimiter } from './rate-limiter.ts'

function checkUntyped(rate: unknown): Rate {
  return checkRate('messageRate', rate as Rate)
}

/** Takes single tokens until there are none, and returns their number. */
function drain(limiter: RateLimiter, now: number): number {
  for (let taken = 0; ; taken++) if (!limiter.take(1, now)) return taken
}

describe('checkRate', () => {
  test.each([
    { perSecond: 20, burst: 40 },
    { perSecond: 0.01, burst: 1 },
    { perSecond: Number.MAX_VALUE, burst: Number.MAX_SAFE_INTEGER },
  ])('accepts %j', rate => {
    expect(checkUntyped(rate)).toEqual(rate)
  })

  test('returns a copy, which later changes do not affect', () => {
    const rate = { perSecond: 1, burst: 2 }
    const checked = checkUntyped(rate)
    rate.burst = 3
    expect(checked).toEqual({ perSecond: 1, burst: 2 })
  })

  test.each([
    [20, 'number'],
    ['20/s', 'string'],
    [null, 'null'],
    [undefined, 'undefined'],
    [() => undefined, 'function'],
  ])('R12: throws a TypeError when the rate is %s and not an object', (rate, type) => {
    expect(() => checkUntyped(rate)).toThrow(
      new TypeError(`messageRate must be { perSecond, burst }, not ${type}`),
    )
  })

  test('R12: throws a TypeError for an unknown property', () => {
    expect(() => checkUntyped({ perSecond: 1, burst: 1, perMinute: 1 })).toThrow(
      new TypeError('messageRate must be { perSecond, burst }, without perMinute'),
    )
  })

  test.each(['perSecond', 'burst'])('R12: throws when %s is not a finite number above 0', name => {
    for (const value of ['1', null, undefined, true, 1n, [1]]) {
      expect(() => checkUntyped({ perSecond: 1, burst: 1, [name]: value })).toThrow(TypeError)
      expect(() => checkUntyped({ perSecond: 1, burst: 1, [name]: value })).toThrow(
        `messageRate.${name} must be a number, not ${typeof value}`,
      )
    }
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => checkUntyped({ perSecond: 1, burst: 1, [name]: value })).toThrow(RangeError)
      expect(() => checkUntyped({ perSecond: 1, burst: 1, [name]: value })).toThrow(
        new RegExp(`^messageRate\\.${name} must be a .*number above 0, not ${value}$`),
      )
    }
  })

  test.each([0.5, 1.5, 2 ** 53])(
    'R12: throws a RangeError when burst is %s and not a whole number',
    burst => {
      expect(() => checkUntyped({ perSecond: 1, burst })).toThrow(RangeError)
    },
  )
})

describe('RateLimiter', () => {
  test('R7: is full at first, and empty after its burst has been taken', () => {
    const limiter = new RateLimiter({ perSecond: 20, burst: 40 }, 5000)
    expect(drain(limiter, 5000)).toBe(40)
    expect(limiter.take(1, 5000)).toBe(false)
  })

  test('adds a token exactly when it is due', () => {
    const limiter = new RateLimiter({ perSecond: 20, burst: 40 }, 0)
    drain(limiter, 0)
    expect(limiter.take(1, 49)).toBe(false)
    expect(limiter.take(1, 50)).toBe(true)
    expect(limiter.take(1, 50)).toBe(false)
    expect(limiter.take(3, 199)).toBe(false)
    expect(limiter.take(3, 200)).toBe(true)
  })

  test('takes nothing when it returns false', () => {
    const limiter = new RateLimiter({ perSecond: 1, burst: 10 }, 0)
    expect(limiter.take(6, 0)).toBe(true)
    for (let i = 0; i < 100; i++) expect(limiter.take(5, 0)).toBe(false)
    expect(limiter.take(4, 0)).toBe(true)
  })

  test('does not lose fractions of tokens between calls', () => {
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, 0)
    drain(limiter, 0)
    for (let now = 0.1; now < 999.9; now += 0.1) expect(limiter.take(1, now)).toBe(false)
    expect(limiter.take(1, 1000)).toBe(true)
  })

  test('adds one token per hour for ten years without drifting', () => {
    const limiter = new RateLimiter({ perSecond: 1 / 3600, burst: 1 }, 0)
    let taken = 0
    for (let hour = 0; hour < 10 * 365 * 24; hour++) if (limiter.take(1, hour * 3_600_000)) taken++
    expect(taken).toBe(10 * 365 * 24)
  })

  test('does not drift when the time per token has no exact binary representation', () => {
    const limiter = new RateLimiter({ perSecond: 3, burst: 10 }, 0)
    let taken = drain(limiter, 0)
    for (let now = 7; now <= 7_000_000; now += 7) if (limiter.take(1, now)) taken++
    expect(taken).toBe(10 + 21_000)
  })

  test('never holds more than its burst, even after a long pause', () => {
    const limiter = new RateLimiter({ perSecond: 1000, burst: 5 }, 0)
    expect(drain(limiter, 0)).toBe(5)
    for (const now of [10_000, 1e9, Number.MAX_SAFE_INTEGER]) expect(drain(limiter, now)).toBe(5)
  })

  test('supports the largest and the smallest rate, and clocks that start anywhere', () => {
    const fast = new RateLimiter({ perSecond: Number.MAX_VALUE, burst: 2 }, 1e12)
    expect(drain(fast, 1e12)).toBe(2)
    expect(drain(fast, 1e12 + 1)).toBe(2)
    const slow = new RateLimiter({ perSecond: Number.MIN_VALUE, burst: 2 }, -5)
    expect(drain(slow, -5)).toBe(2)
    expect(drain(slow, 1e15)).toBe(0)
  })

  test('grants a count above the burst when full, and charges all of it as debt', () => {
    const limiter = new RateLimiter({ perSecond: 1024, burst: 16_384 }, 0)
    expect(limiter.take(65_536, 0)).toBe(true)
    // A debt of 48 KiB at 1 KiB per second.
    expect(limiter.take(1, 48_000)).toBe(false)
    expect(limiter.take(1, 48_001)).toBe(true)
    // Full again 16 s later, plus the millisecond for the byte that was taken.
    expect(limiter.take(65_536, 63_999)).toBe(false)
    expect(limiter.take(65_536, 64_001)).toBe(true)
  })

  test('grants a count of 0 unless there is a debt', () => {
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, 0)
    expect(limiter.take(1, 0)).toBe(true)
    expect(limiter.take(0, 0)).toBe(true)
    limiter.charge(1, 0)
    expect(limiter.take(0, 0)).toBe(false)
    expect([limiter.wait, limiter.take(0, 1000)]).toEqual([1000, true])
  })

  test('grants exactly the rate and one burst in any period', () => {
    const random = randomFrom(7)
    for (let round = 0; round < 200; round++) {
      const rate: Rate = { perSecond: 2 ** (random() * 12 - 2), burst: 1 + Math.floor(random() * 50) }
      const largest = 1 + Math.floor(random() * 100)
      const once = Math.max(rate.burst, largest)
      let now = random() * 1e6
      const limiter = new RateLimiter(rate, now)
      const taken: { at: number; count: number }[] = []
      let level = rate.burst
      for (let step = 0; step < 100; step++) {
        const elapsed = random() < 0.3 ? 0 : random() ** 4 * 20_000
        now += elapsed
        level = Math.min(rate.burst, level + (elapsed * rate.perSecond) / 1000)
        const count = 1 + Math.floor(random() * largest)
        // The model accumulates rounding errors, so a near tie may go either way.
        const margin = level - Math.min(count, rate.burst)
        const took = limiter.take(count, now)
        if (Math.abs(margin) > 1e-6) expect(took).toBe(margin > 0)
        if (!took) continue
        level -= count
        taken.push({ at: now, count })
        let sum = 0
        const over = taken.toReversed().filter(({ at, count }) => {
          sum += count
          return sum > once + ((now - at) * rate.perSecond) / 1000 + 1e-6
        })
        expect(over).toEqual([])
      }
    }
  })

  test('says how long to wait after it has returned false', () => {
    const limiter = new RateLimiter({ perSecond: 2, burst: 3 }, 0)
    const waits = [0, 0, 0, 0, 400, 500, 500].map(now => {
      limiter.take(1, now)
      return limiter.wait
    })
    expect(waits).toEqual([0, 0, 0, 500, 100, 0, 500])
    limiter.take(25, 500)
    expect(limiter.wait).toBe(1500)
  })

  test('charges more than is left, down to a debt of one burst', () => {
    const limiter = new RateLimiter({ perSecond: 10, burst: 5 }, 0)
    limiter.charge(8, 0)
    limiter.take(1, 0)
    expect(limiter.wait).toBe(400)
    limiter.charge(1000, 0)
    limiter.take(1, 0)
    expect(limiter.wait).toBe(600)
    expect([limiter.isFull(999), limiter.isFull(1000)]).toEqual([false, true])
  })

  test('does not forgive a debt above one burst when it is charged', () => {
    const limiter = new RateLimiter({ perSecond: 10, burst: 5 }, 0)
    expect(limiter.take(50, 0)).toBe(true)
    limiter.charge(1, 0)
    limiter.take(1, 0)
    expect(limiter.wait).toBe(4600)
  })

  test('takes single tokens of the present by default', () => {
    const limiter = new RateLimiter({ perSecond: 0.001, burst: 2 })
    expect([limiter.take(), limiter.take(), limiter.take()]).toEqual([true, true, false])
    expect(limiter.wait).toBeGreaterThan(990_000)
    expect(limiter.isFull()).toBe(false)
  })

  test('throws for a wrong rate', () => {
    expect(() => new RateLimiter({ perSecond: 0, burst: 1 })).toThrow(RangeError)
    expect(() => new RateLimiter(5 as never)).toThrow('rate must be { perSecond, burst }, not number')
  })
})
