import { expect, test } from 'vitest'
import { Allowance } from './allowance.ts'
import { LocalAllowances } from './local-allowances.ts'

test('an allowance gives a burst, then its rate, and says how long to wait', () => {
  const allowance = new Allowance({ perSecond: 2, burst: 3 }, 0)
  expect([0, 0, 0, 0].map(now => allowance.take(now))).toEqual([0, 0, 0, 500])
  expect(allowance.take(400)).toBe(100)
  expect(allowance.take(500)).toBe(0)
  expect(allowance.take(500)).toBe(500)
  expect(allowance.isFull(1999)).toBe(false)
  expect(allowance.isFull(2000)).toBe(true)
  // However long the rest, no more than a burst.
  expect([99_000, 99_000, 99_000, 99_000].map(now => allowance.take(now))).toEqual([0, 0, 0, 500])
})

test('a clock that goes back gives nothing, and takes nothing', () => {
  const allowance = new Allowance({ perSecond: 1, burst: 1 }, 1000)
  expect(allowance.take(0)).toBe(0)
  expect(allowance.take(0)).toBe(1000)
})

test('a bounded number is remembered, who has rested not at all', async () => {
  const allowances = new LocalAllowances(() => 0)
  const rate = { perSecond: 1, burst: 1 }
  expect(await allowances.take('first', rate)).toBe(0)
  expect(await allowances.take('first', rate)).toBe(1000)
  for (let i = 0; i < 10_000; i++) await allowances.take(`other ${i}`, rate)
  // It was the first to be forgotten.
  expect(await allowances.take('first', rate)).toBe(0)
})
