import { describe, expect, test } from 'vitest'
import { checkNames } from './check-names.ts'

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
