import { expect, test } from 'vitest'
import { Pacer } from './pacer.ts'

test('bytes wait until those before them have passed', () => {
  const pacer = new Pacer(1000)
  expect(pacer.take(500, 0)).toBe(0)
  expect(pacer.take(500, 0)).toBe(500)
  expect(pacer.take(500, 600)).toBe(400)
  expect(pacer.take(1, 5000)).toBe(0)
})

test('a burst may be ahead of the rate', () => {
  const pacer = new Pacer(1000, 1000)
  expect(pacer.take(1500, 0)).toBe(0)
  expect(pacer.take(1, 0)).toBe(500)
})
