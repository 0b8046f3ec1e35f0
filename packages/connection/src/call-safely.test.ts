import { describe, expect, test } from 'vitest'
import { callSafely, isPromiseLike } from './call-safely.ts'

const error = new Error('a bug')

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
  ])('reports the failures of a handler that %s', async (_, handler, expected) => {
    const failures: unknown[] = []
    callSafely(handler, failure => void failures.push(failure))
    await new Promise(setImmediate)
    expect(failures).toEqual(expected)
  })
})

test('isPromiseLike is true for objects with a `then` method only', () => {
  // biome-ignore lint/suspicious/noThenProperty: the subject of the test
  const thenable = { then() {} }
  expect([Promise.resolve(), thenable].map(isPromiseLike)).toEqual([true, true])
  // biome-ignore lint/suspicious/noThenProperty: the subject of the test
  expect([undefined, null, 1, 'then', {}, { then: 1 }].some(isPromiseLike)).toBe(false)
})
