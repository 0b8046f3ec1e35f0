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
  test('calls the handler and logs nothing', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const reported: unknown[] = []
    reportError((...values) => void reported.push(values), error, socket)
    expect(reported).toEqual([[error, socket]])
    expect(log).not.toHaveBeenCalled()
  })

  test('logs the error to the console without a handler', () => {
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
  ])('logs both errors when the handler %s', async (_, handler) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    reportError(handler, error, socket)
    await nextTurn()
    expect(log.mock.calls).toEqual([[error, another]])
  })
})
