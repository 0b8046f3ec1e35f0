import { describe, expect, it } from 'vitest'
import { halfSpread, median, percentile, range } from './statistics.ts'

describe('median', () => {
  it('is the one in the middle, by size and not by spelling', () => {
    expect(median([10, 9, 100])).toBe(10)
  })

  it('is halfway between two in the middle', () => {
    expect(median([1, 2, 4, 100])).toBe(3)
  })

  it('is the only one, and nothing of none', () => {
    expect(median([7])).toBe(7)
    expect(median([])).toBeNaN()
  })

  it('leaves the values in their order', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

describe('spread', () => {
  it('is from the least to the greatest', () => {
    expect(range([3, 1, 2])).toEqual([1, 3])
  })

  it('is half of that as a share of the median', () => {
    expect(halfSpread([90, 100, 110])).toBeCloseTo(0.1)
    expect(halfSpread([5])).toBe(0)
  })
})

describe('percentile', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1)

  it.each([
    [0.5, 50],
    [0.9, 90],
    [0.99, 99],
    [0.999, 100],
    [1, 100],
  ])('%f of 1 to 100 is %i', (share, expected) => {
    expect(percentile(hundred, share)).toBe(expected)
  })

  it('of one value is that value, of none nothing', () => {
    expect(percentile([7], 0.5)).toBe(7)
    expect(percentile([7], 0.999)).toBe(7)
    expect(percentile([], 0.5)).toBeNaN()
  })
})
