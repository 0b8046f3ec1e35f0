import { describe, expect, test } from 'vitest'
import {
  CONNECTION_OPTIONS,
  type ConnectionOptions,
  DEFAULT_CONNECTION_SETTINGS,
  shortestDeadline,
} from './connection-options.ts'
import { resolveOptions } from './option.ts'

function resolve(options: unknown): unknown {
  return resolveOptions(CONNECTION_OPTIONS, options as ConnectionOptions, DEFAULT_CONNECTION_SETTINGS)
}

const SIZES = ['maxMessageSize', 'maxFragments', 'maxStreamSize', 'highWaterMark', 'maxBufferedAmount']
const TIMES = ['messageTimeout', 'closeTimeout', 'writeTimeout', 'pingInterval', 'pongTimeout']
const FLAGS = ['autoPong', 'textAsBytes']
const RATES = ['messageRate', 'byteRate', 'pingRate']

describe('the options of a connection', () => {
  test('have defaults', () => {
    expect(DEFAULT_CONNECTION_SETTINGS).toEqual({
      maxMessageSize: 1_048_576,
      maxFragments: 131_072,
      messageTimeout: 60_000,
      maxStreamSize: 1_073_741_824,
      highWaterMark: 65_536,
      maxBufferedAmount: 16_777_216,
      writeTimeout: 20_000,
      pingInterval: 25_000,
      pongTimeout: 20_000,
      closeTimeout: 10_000,
      autoPong: true,
      textAsBytes: false,
      messageRate: undefined,
      byteRate: undefined,
      pingRate: undefined,
    })
  })

  test('are all tested here', () => {
    expect(new Set([...SIZES, ...TIMES, ...FLAGS, ...RATES])).toEqual(
      new Set(Object.keys(CONNECTION_OPTIONS)),
    )
  })

  test.each([...SIZES, ...TIMES])('R12: %s must be a number within its range', name => {
    for (const value of ['1', null, true, {}, [1], 1n]) {
      expect(() => resolve({ [name]: value })).toThrow(TypeError)
      expect(() => resolve({ [name]: value })).toThrow(`${name} must be a number`)
    }
    for (const value of [Number.NaN, -1, 0, Number.NEGATIVE_INFINITY]) {
      expect(() => resolve({ [name]: value })).toThrow(RangeError)
      expect(() => resolve({ [name]: value })).toThrow(new RegExp(`^${name} must be .*, not ${value}$`))
    }
    expect(resolve({ [name]: 7 })).toMatchObject({ [name]: 7 })
  })

  test.each(SIZES)('R12: %s must be an integer', name => {
    expect(() => resolve({ [name]: 1.5 })).toThrow(RangeError)
  })

  test('R12: maxMessageSize cannot exceed the length of a string', () => {
    expect(() => resolve({ maxMessageSize: 2 ** 32 })).toThrow(RangeError)
    expect(() => resolve({ maxMessageSize: Number.POSITIVE_INFINITY })).toThrow(RangeError)
    expect(resolve({ maxMessageSize: 2 ** 29 - 24 })).toMatchObject({ maxMessageSize: 536_870_888 })
  })

  test.each(TIMES)('%s may be Infinity', name => {
    expect(resolve({ [name]: Number.POSITIVE_INFINITY })).toMatchObject({ [name]: Number.POSITIVE_INFINITY })
  })

  test.each(FLAGS)('%s must be true or false', name => {
    for (const flag of [true, false]) expect(resolve({ [name]: flag })).toMatchObject({ [name]: flag })
    for (const value of ['true', 1, null])
      expect(() => resolve({ [name]: value })).toThrow(`${name} must be true or false`)
  })

  test.each(RATES)('%s must be a rate', name => {
    const rate = { perSecond: 2, burst: 3 }
    expect(resolve({ [name]: rate })).toMatchObject({ [name]: rate })
    expect(() => resolve({ [name]: 3 })).toThrow(`${name} must be { perSecond, burst }, not number`)
  })
})

test.each(TIMES)('shortestDeadline takes %s into account', name => {
  expect(shortestDeadline({ ...DEFAULT_CONNECTION_SETTINGS, [name]: 5 })).toBe(5)
})
