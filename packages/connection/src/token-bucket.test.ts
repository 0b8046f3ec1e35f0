import { randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { checkRate, type Rate, TokenBucket } from './token-bucket.ts'

/** What a caller without types may pass. */
function check(rate: unknown): Rate {
  return checkRate('messageRate', rate as Rate)
}

/** How many ones can be taken. */
function drain(bucket: TokenBucket, now: number): number {
  for (let taken = 0; ; taken++) if (!bucket.take(1, now)) return taken
}

describe('checkRate', () => {
  test.each([
    { perSecond: 20, burst: 40 },
    { perSecond: 0.01, burst: 1 },
    { perSecond: Number.MAX_VALUE, burst: Number.MAX_SAFE_INTEGER },
  ])('takes %j', rate => {
    expect(check(rate)).toEqual(rate)
  })

  test('what is changed afterwards changes nothing', () => {
    const rate = { perSecond: 1, burst: 2 }
    const checked = check(rate)
    rate.burst = 3
    expect(checked).toEqual({ perSecond: 1, burst: 2 })
  })

  test.each([
    [20, 'number'],
    ['20/s', 'string'],
    [null, 'null'],
    [undefined, 'undefined'],
    [() => undefined, 'function'],
  ])('R12: must be an object, not %s', (rate, type) => {
    expect(() => check(rate)).toThrow(new TypeError(`messageRate must be { perSecond, burst }, not ${type}`))
  })

  test('R12: has no other parts', () => {
    expect(() => check({ perSecond: 1, burst: 1, perMinute: 1 })).toThrow(
      new TypeError('messageRate must be { perSecond, burst }, without perMinute'),
    )
  })

  test.each(['perSecond', 'burst'])('R12: %s must be a number that makes sense', name => {
    for (const value of ['1', null, undefined, true, 1n, [1]]) {
      expect(() => check({ perSecond: 1, burst: 1, [name]: value })).toThrow(TypeError)
      expect(() => check({ perSecond: 1, burst: 1, [name]: value })).toThrow(
        `messageRate.${name} must be a number, not ${typeof value}`,
      )
    }
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => check({ perSecond: 1, burst: 1, [name]: value })).toThrow(RangeError)
      expect(() => check({ perSecond: 1, burst: 1, [name]: value })).toThrow(
        new RegExp(`^messageRate\\.${name} must be a .*number above 0, not ${value}$`),
      )
    }
  })

  test.each([0.5, 1.5, 2 ** 53])('R12: burst must be whole, not %s', burst => {
    expect(() => check({ perSecond: 1, burst })).toThrow(RangeError)
  })
})

describe('TokenBucket', () => {
  test('R7: is full at first and then has no more', () => {
    const bucket = new TokenBucket({ perSecond: 20, burst: 40 }, 5000)
    expect(drain(bucket, 5000)).toBe(40)
    expect(bucket.take(1, 5000)).toBe(false)
  })

  test('gets a token when its time has come, not a millisecond before', () => {
    const bucket = new TokenBucket({ perSecond: 20, burst: 40 }, 0)
    drain(bucket, 0)
    expect(bucket.take(1, 49)).toBe(false)
    expect(bucket.take(1, 50)).toBe(true)
    expect(bucket.take(1, 50)).toBe(false)
    expect(bucket.take(3, 199)).toBe(false)
    expect(bucket.take(3, 200)).toBe(true)
  })

  test('a refusal costs nothing', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 10 }, 0)
    expect(bucket.take(6, 0)).toBe(true)
    for (let i = 0; i < 100; i++) expect(bucket.take(5, 0)).toBe(false)
    expect(bucket.take(4, 0)).toBe(true)
  })

  test('fractions are not lost between calls, however short', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, 0)
    drain(bucket, 0)
    for (let now = 0.1; now < 999.9; now += 0.1) expect(bucket.take(1, now)).toBe(false)
    expect(bucket.take(1, 1000)).toBe(true)
  })

  test('a token a second for ten years is a token a second', () => {
    const bucket = new TokenBucket({ perSecond: 1 / 3600, burst: 1 }, 0)
    let taken = 0
    for (let hour = 0; hour < 10 * 365 * 24; hour++) if (bucket.take(1, hour * 3_600_000)) taken++
    expect(taken).toBe(10 * 365 * 24)
  })

  test('does not drift at a rate that no binary fraction hits', () => {
    const bucket = new TokenBucket({ perSecond: 3, burst: 10 }, 0)
    let taken = drain(bucket, 0)
    for (let now = 7; now <= 7_000_000; now += 7) if (bucket.take(1, now)) taken++
    expect(taken).toBe(10 + 21_000)
  })

  test('holds no more than its burst, however long the rest or far the jump', () => {
    const bucket = new TokenBucket({ perSecond: 1000, burst: 5 }, 0)
    expect(drain(bucket, 0)).toBe(5)
    for (const now of [10_000, 1e9, Number.MAX_SAFE_INTEGER]) expect(drain(bucket, now)).toBe(5)
  })

  test('any rate, the largest and the smallest, on any clock', () => {
    const fast = new TokenBucket({ perSecond: Number.MAX_VALUE, burst: 2 }, 1e12)
    expect(drain(fast, 1e12)).toBe(2)
    expect(drain(fast, 1e12 + 1)).toBe(2)
    const slow = new TokenBucket({ perSecond: Number.MIN_VALUE, burst: 2 }, -5)
    expect(drain(slow, -5)).toBe(2)
    expect(drain(slow, 1e15)).toBe(0)
  })

  test('a count above the burst is there when it is full, and costs all it is', () => {
    const bucket = new TokenBucket({ perSecond: 1024, burst: 16_384 }, 0)
    expect(bucket.take(65_536, 0)).toBe(true)
    // 48 KiB of debt are paid off in 48 s, and then the first byte is there.
    expect(bucket.take(1, 48_000)).toBe(false)
    expect(bucket.take(1, 48_001)).toBe(true)
    // Full again 16 s later (and the millisecond that the byte took).
    expect(bucket.take(65_536, 63_999)).toBe(false)
    expect(bucket.take(65_536, 64_001)).toBe(true)
  })

  test('nothing can be taken even in debt', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, 0)
    expect(bucket.take(100, 0)).toBe(true)
    expect(bucket.take(0, 0)).toBe(true)
    expect(bucket.take(1, 0)).toBe(false)
  })

  test('in any time no more is taken than the rate and one burst, and never less than could be', () => {
    const random = randomFrom(7)
    for (let round = 0; round < 200; round++) {
      const rate: Rate = { perSecond: 2 ** (random() * 12 - 2), burst: 1 + Math.floor(random() * 50) }
      const largest = 1 + Math.floor(random() * 100)
      const once = Math.max(rate.burst, largest)
      let now = random() * 1e6
      const bucket = new TokenBucket(rate, now)
      const taken: { at: number; count: number }[] = []
      let level = rate.burst
      for (let step = 0; step < 100; step++) {
        const elapsed = random() < 0.3 ? 0 : random() ** 4 * 20_000
        now += elapsed
        level = Math.min(rate.burst, level + (elapsed * rate.perSecond) / 1000)
        const count = 1 + Math.floor(random() * largest)
        // The model adds up its errors; where it is that close, either answer is right.
        const margin = level - Math.min(count, rate.burst)
        const took = bucket.take(count, now)
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
})
