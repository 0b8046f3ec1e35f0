import { onV8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { checkLimits, DEFAULT_LIMITS, type Limits } from './limits.ts'

describe('R12: options', () => {
  test('have their defaults if they are missing or undefined', () => {
    expect(checkLimits()).toEqual(DEFAULT_LIMITS)
    expect(checkLimits({ maxFragments: undefined } as unknown as Partial<Limits>)).toEqual(DEFAULT_LIMITS)
    expect(checkLimits({ maxMessageSize: 1 })).toEqual({ ...DEFAULT_LIMITS, maxMessageSize: 1 })
  })

  test('can have the largest accepted values', () => {
    const largest = {
      maxMessageSize: 2 ** 29 - 24,
      maxFragments: 2 ** 31 - 1,
      messageTimeout: Number.POSITIVE_INFINITY,
      closeTimeout: 0.5,
    }
    expect(checkLimits(largest)).toEqual(largest)
  })

  onV8(test)('the largest message is the longest string', () => {
    expect('x'.repeat(2 ** 29 - 24)).toHaveLength(536_870_888)
    expect(() => 'x'.repeat(2 ** 29 - 23)).toThrow(RangeError)
  })

  describe.each(['maxMessageSize', 'maxFragments'] as const)('%s', name => {
    const most = name === 'maxMessageSize' ? 536_870_888 : 2_147_483_647

    test.each([2 ** 32, Number.NaN, -1, 0, 1.5, Number.POSITIVE_INFINITY, most + 1])(
      'cannot be %d',
      value => {
        const say = `${name} must be an integer from 1 to ${most}, not ${value}`
        expect(() => checkLimits({ [name]: value })).toThrow(new RangeError(say))
      },
    )

    test.each(['1', null, true, 1n])('cannot be %s', value => {
      const say = `${name} must be a number, not ${typeof value}`
      expect(() => checkLimits({ [name]: value })).toThrow(new TypeError(say))
    })
  })

  describe.each(['messageTimeout', 'closeTimeout'] as const)('%s', name => {
    test.each([Number.NaN, -1, 0])('cannot be %d', value => {
      const say = `${name} must be more than 0 milliseconds, or Infinity, not ${value}`
      expect(() => checkLimits({ [name]: value })).toThrow(new RangeError(say))
    })

    test('cannot be a string', () => {
      const say = `${name} must be a number of milliseconds, not string`
      expect(() => checkLimits({ [name]: '1' })).toThrow(new TypeError(say))
    })
  })
})
