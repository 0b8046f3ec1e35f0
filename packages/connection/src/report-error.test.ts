import { afterEach, describe, expect, test, vi } from 'vitest'
import { reportError } from './report-error.ts'

const error = new Error('a bug')
const another = new Error('another')
const socket = {}
const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))

afterEach(() => {
  vi.restoreAllMocks()
})

describe('reportError', () => {
  test('calls onError and logs nothing', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const reported: unknown[] = []
    reportError((...values) => void reported.push(values), error, socket)
    expect(reported).toEqual([[error, socket]])
    expect(log).not.toHaveBeenCalled()
  })

  test('logs the error to the console without an onError', () => {
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
  ])('logs both errors when onError %s', async (_, onError) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    reportError(onError, error, socket)
    await nextTurn()
    expect(log.mock.calls).toEqual([[error, another]])
  })
})
