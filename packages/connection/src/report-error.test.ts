import { afterEach, describe, expect, test, vi } from 'vitest'
import { callSafely, isPromiseLike, reportError } from './report-error.ts'

const error = new Error('a bug')
const another = new Error('another')
const socket = {}
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

afterEach(() => {
  vi.restoreAllMocks()
})

describe('reportError', () => {
  test('goes to onError, and then nowhere else', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const told: unknown[] = []
    reportError((...values) => void told.push(values), error, socket)
    expect(told).toEqual([[error, socket]])
    expect(log).not.toHaveBeenCalled()
  })

  test('goes to the console, as it is, without one', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    reportError(undefined, error, undefined)
    expect(log.mock.calls).toEqual([[error]])
  })

  test.each([
    [
      'throws',
      () => {
        throw another
      },
    ],
    ['rejects', (() => Promise.reject(another)) as () => void],
  ])('an onError that %s: both go to the console', async (_, onError) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    reportError(onError, error, socket)
    await turn()
    expect(log.mock.calls).toEqual([[error, another]])
  })
})

describe('callSafely', () => {
  test.each([
    ['returns', () => 1, []],
    ['resolves', () => Promise.resolve(1), []],
    [
      'throws',
      () => {
        throw error
      },
      [error],
    ],
    ['rejects', () => Promise.reject(error), [error]],
  ])('a handler that %s', async (_, handler, expected) => {
    const failures: unknown[] = []
    callSafely(handler, failure => void failures.push(failure))
    await turn()
    expect(failures).toEqual(expected)
  })
})

test('isPromiseLike: an object with a method then', () => {
  // biome-ignore lint/suspicious/noThenProperty: that is what it is about
  const thenable = { then() {} }
  expect([Promise.resolve(), thenable].map(isPromiseLike)).toEqual([true, true])
  // biome-ignore lint/suspicious/noThenProperty: likewise
  expect([undefined, null, 1, 'then', {}, { then: 1 }].some(isPromiseLike)).toBe(false)
})
