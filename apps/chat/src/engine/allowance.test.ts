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

test('a cost above the burst is taken from a full allowance, and paid for afterwards', () => {
  const allowance = new Allowance({ perSecond: 10, burst: 5 }, 0)
  expect(allowance.take(0, 25)).toBe(0)
  expect(allowance.take(0)).toBe(2100)
  expect(allowance.isFull(2499)).toBe(false)
  expect(allowance.take(2100)).toBe(0)
  expect(allowance.take(2100, 25)).toBe(500)
  expect(allowance.take(2600, 25)).toBe(0)
})

const RATE = { perSecond: 1, burst: 1 }

/** Allowances with a clock, and a full table of guests that are all limited. */
function fill() {
  const clock = { time: 0 }
  const allowances = new LocalAllowances(() => clock.time)
  for (let i = 0; i < 10_000; i++) allowances.takeNow('account-address', `junk ${i}`, RATE)
  return { clock, allowances }
}

test('a full table does not forget an allowance that is still limited', () => {
  const { allowances } = fill()
  for (let i = 0; i < 20_000; i++) allowances.takeNow('account-address', `more ${i}`, RATE)
  expect(allowances.takeNow('account-address', 'junk 0', RATE)).toBe(1000)
  expect(allowances.takeNow('account-address', 'junk 9999', RATE)).toBe(1000)
})

test('keys for which a full table has no room share one allowance', () => {
  const { allowances } = fill()
  expect(allowances.takeNow('account-address', 'first', RATE)).toBe(0)
  expect(allowances.takeNow('account-address', 'second', RATE)).toBe(1000)
})

test('a full table has room again as soon as those in it have rested', () => {
  const { clock, allowances } = fill()
  allowances.takeNow('account-address', 'first', RATE)
  clock.time += 1000
  expect(allowances.takeNow('account-address', 'second', RATE)).toBe(0)
  expect(allowances.takeNow('account-address', 'third', RATE)).toBe(0)
  expect(allowances.takeNow('account-address', 'second', RATE)).toBe(1000)
})

test('a full table of one kind leaves other kinds alone', () => {
  const { allowances } = fill()
  expect(allowances.takeNow('room-address', 'first', RATE)).toBe(0)
  expect(allowances.takeNow('room-address', 'second', RATE)).toBe(0)
})

test('a full table is not searched for room more than once a second', () => {
  const { allowances } = fill()
  const start = performance.now()
  for (let i = 0; i < 100_000; i++) allowances.takeNow('account-address', `more ${i}`, RATE)
  expect(performance.now() - start).toBeLessThan(1000)
})
