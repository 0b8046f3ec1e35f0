import { describe, expect, it } from 'vitest'
import { formatNumber, formatRatio } from './number.ts'

describe('formatNumber', () => {
  it.each([
    [1_234_567, '1,230,000'],
    [10_000, '10,000'],
    [999.6, '1,000'],
    [123.4, '123'],
    [12.34, '12.3'],
    [9.996, '10.0'],
    [1, '1.00'],
    [0.012_34, '0.0123'],
    [0, '0'],
    [-12.34, '-12.3'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('%d is %s', (value, expected) => {
    expect(formatNumber(value)).toBe(expected)
  })
})

describe('formatRatio', () => {
  it.each([
    [0.8, '0.80 ×'],
    [12.34, '12.3 ×'],
    [Number.NaN, '–'],
  ])('%d is %s', (value, expected) => {
    expect(formatRatio(value)).toBe(expected)
  })
})
