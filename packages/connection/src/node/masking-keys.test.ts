import { expect, test } from 'vitest'
import { createMaskingKey } from './masking-keys.ts'

test('masking keys are 32-bit numbers that do not repeat when the pool is filled again', () => {
  const keys = Array.from({ length: 5000 }, createMaskingKey)
  expect(keys.every(key => Number.isInteger(key) && key >= 0 && key < 2 ** 32)).toBe(true)
  // Two of 5,000 are equal once in 340 runs, three pairs hardly ever.
  expect(new Set(keys).size).toBeGreaterThan(4997)
  const bits = keys.reduce((all, key) => all | key, 0) >>> 0
  expect(bits).toBe(0xffff_ffff)
})
