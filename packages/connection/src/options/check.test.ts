import { describe, expect, test } from 'vitest'
import { checkCount, checkDelay, checkFunctions, checkTimeout } from './check.ts'

test('checkFunctions throws a TypeError for an option that is given and not a function', () => {
  expect(() => checkFunctions({ open() {}, close: undefined }, ['open', 'close'])).not.toThrow()
  for (const wrong of [null, {}, 'x'])
    expect(() => checkFunctions({ open: wrong }, ['open'])).toThrow(new TypeError('open must be a function'))
})

const checks = [
  ['checkCount', checkCount, [1, 2 ** 53 - 1, Infinity], [0, -1, 1.5, Number.NaN, -Infinity]],
  ['checkTimeout', checkTimeout, [0.5, 1, Infinity], [0, -1, Number.NaN, -Infinity]],
  ['checkDelay', checkDelay, [0, 0.5, 2 ** 31 - 1], [-1, 2 ** 31, Number.NaN, Infinity]],
] as const

describe.each(checks)('%s', (_, check, accepted, rejected) => {
  test.each(accepted)('returns %d', value => {
    expect(check('size', value)).toBe(value)
  })

  test.each(rejected)('throws a RangeError for %d that says what is accepted', value => {
    expect(() => check('size', value)).toThrow(RangeError)
    expect(() => check('size', value)).toThrow(new RegExp(`^size must be .*, not ${value}$`))
  })

  test.each(['1', null, true, {}, [1]])('throws a TypeError for %j', value => {
    expect(() => check('size', value)).toThrow(TypeError)
    expect(() => check('size', value)).toThrow('size must be a number')
  })
})
