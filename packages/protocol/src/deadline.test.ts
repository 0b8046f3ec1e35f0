import { expect, test } from 'vitest'
import { Deadline } from './deadline.ts'

test('expires when its time has passed since the first call', () => {
  const deadline = new Deadline(100)
  expect(deadline.isExpired(1000, 0, false)).toBe(false)
  expect(deadline.isExpired(1099, 99, false)).toBe(false)
  expect(deadline.isExpired(1100, 1, false)).toBe(true)
})

test('does not expire at the first call', () => {
  expect(new Deadline(1).isExpired(1e12, 1e12, false)).toBe(false)
})

test('does not count time in which input was stopped', () => {
  const deadline = new Deadline(100)
  deadline.isExpired(0, 0, false)
  expect(deadline.isExpired(60, 60, false)).toBe(false)
  expect(deadline.isExpired(5000, 4940, true)).toBe(false)
  expect(deadline.isExpired(5039, 39, false)).toBe(false)
  expect(deadline.isExpired(5040, 1, false)).toBe(true)
})

test('does not expire if it is infinite', () => {
  const deadline = new Deadline(Number.POSITIVE_INFINITY)
  deadline.isExpired(0, 0, false)
  expect(deadline.isExpired(Number.MAX_VALUE, 1, false)).toBe(false)
})
