import { expect, test } from 'vitest'
import { LocalAllowances } from './local-allowances.ts'

test('a clock that goes back adds nothing, and takes nothing', () => {
  const clock = { time: 10_000 }
  const allowances = new LocalAllowances(() => clock.time)
  const take = () => allowances.takeNow('room-address', 'a', RATE)
  expect([take(), take()]).toEqual([0, 1000])
  clock.time = 0
  expect(take()).toBe(1000)
  clock.time = 400
  expect(take()).toBe(600)
  clock.time = 1000
  expect(take()).toBe(0)
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
  const before = process.threadCpuUsage()
  for (let i = 0; i < 100_000; i++) allowances.takeNow('account-address', `more ${i}`, RATE)
  expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(1000)
})
