import { expect, test } from 'vitest'
import { resolveLimits } from './limits.ts'

test('each limit has a default', () => {
  expect(resolveLimits()).toEqual({ maxHeadSize: 16384, maxFields: 100, maxTargetLength: 8192 })
  expect(resolveLimits({ maxFields: 7 })).toEqual({ maxHeadSize: 16384, maxFields: 7, maxTargetLength: 8192 })
})

test('accepts 1 for each limit', () => {
  const least = { maxHeadSize: 1, maxFields: 1, maxTargetLength: 1 }
  expect(resolveLimits(least)).toEqual(least)
})

test.each([0, -1, 1.5, NaN, Infinity, '1' as never])('throws for the limit %j', value => {
  for (const name of ['maxHeadSize', 'maxFields', 'maxTargetLength']) {
    expect(() => resolveLimits({ [name]: value })).toThrow(RangeError)
    expect(() => resolveLimits({ [name]: value })).toThrow(name)
  }
})
