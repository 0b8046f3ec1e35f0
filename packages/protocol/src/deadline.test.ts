import { expect, test } from 'vitest'
import { Deadline } from './deadline.ts'

test('is up when the time has passed since it was first asked', () => {
  const deadline = new Deadline(100)
  expect(deadline.isExpired(1000, 0, false)).toBe(false)
  expect(deadline.isExpired(1099, 99, false)).toBe(false)
  expect(deadline.isExpired(1100, 1, false)).toBe(true)
})

test('is never up at the first look, however late that is', () => {
  expect(new Deadline(1).isExpired(1e12, 1e12, false)).toBe(false)
})

test('does not count time in which we stood still', () => {
  const deadline = new Deadline(100)
  deadline.isExpired(0, 0, false)
  expect(deadline.isExpired(60, 60, false)).toBe(false)
  expect(deadline.isExpired(5000, 4940, true)).toBe(false)
  expect(deadline.isExpired(5039, 39, false)).toBe(false)
  expect(deadline.isExpired(5040, 1, false)).toBe(true)
})

test('is never up when it is infinite', () => {
  const deadline = new Deadline(Number.POSITIVE_INFINITY)
  deadline.isExpired(0, 0, false)
  expect(deadline.isExpired(Number.MAX_VALUE, 1, false)).toBe(false)
})
