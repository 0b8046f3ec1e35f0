import { describe, expect, test } from 'vitest'
import { checkCount, checkDelay, checkFunctions, checkNames, checkTimeout } from './check.ts'

describe('checkNames', () => {
  const known = ['maxMessageSize', 'maxFragments', 'message', 'open']

  test('accepts known names, in any number', () => {
    expect(() => checkNames({}, known)).not.toThrow()
    expect(() => checkNames({ open: 1, message: undefined }, known)).not.toThrow()
  })

  test.each([
    ['maxMesageSize', 'maxMessageSize'],
    ['maxmessagesize', 'maxMessageSize'],
    ['maxFragment', 'maxFragments'],
    ['messages', 'message'],
    ['onpen', 'open'],
  ])('suggests the name nearest to %s', (name, nearest) => {
    const error = new TypeError(`unknown option "${name}" (did you mean "${nearest}"?)`)
    expect(() => checkNames({ [name]: 1 }, known)).toThrow(error)
  })

  test.each(['port', 'o', 'maximum', ''])('lists all names when none is near to "%s"', name => {
    const error = `unknown option "${name}" (expected one of maxMessageSize, maxFragments, message, open)`
    expect(() => checkNames({ [name]: 1 }, known)).toThrow(new TypeError(error))
  })

  test.each([null, undefined, 1, 'x', () => undefined])('throws a TypeError for the options %s', options => {
    const error = new TypeError('the options must be an object')
    expect(() => checkNames(options as unknown as object, known)).toThrow(error)
  })
})

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
