import type { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { unsentBytes } from './node/transport.ts'
import { WriteTimeout } from './write-timeout.ts'

function transportWith(writableLength: number, writeQueueSize?: unknown) {
  const _handle = writeQueueSize === undefined ? null : { writeQueueSize }
  return { writableLength, _handle } as unknown as Duplex
}

/**
 * Ticks every 10 ms with the next of `amounts` unsent, as a connection does. Returns the time of
 * the timeout in milliseconds, or undefined.
 */
function expiryOf(timeout: number, amounts: readonly [number, unknown?][]): number | undefined {
  let writeTimeout: WriteTimeout | undefined
  const at = amounts.findIndex(([length, queued], i) => {
    const unsent = unsentBytes(transportWith(length, queued))
    writeTimeout = unsent === 0 ? undefined : (writeTimeout ?? new WriteTimeout(timeout))
    return writeTimeout?.isExpired(i * 10, 10, unsent)
  })
  return at < 0 ? undefined : at * 10
}

describe('WriteTimeout', () => {
  test('expires when the amount of unsent data does not change within the timeout', () => {
    expect(expiryOf(30, Array(10).fill([100]))).toBe(30)
    expect(expiryOf(30, Array(10).fill([0]))).toBe(undefined)
    expect(expiryOf(Number.POSITIVE_INFINITY, Array(1000).fill([100]))).toBe(undefined)
  })

  test('starts again whenever the amount of unsent data changes', () => {
    expect(
      expiryOf(
        30,
        Array.from({ length: 100 }, (_, i) => [100 - i]),
      ),
    ).toBe(undefined)
    expect(expiryOf(30, [[100], [100], [100], [99], [99], [99], [99], [99], [99]])).toBe(60)
    expect(expiryOf(30, [[100], [100], [100], [0], [100], [100], [100], [100], [100], [100]])).toBe(70)
  })

  test('counts the progress of one large write when the handle reports it', () => {
    expect(
      expiryOf(
        30,
        Array.from({ length: 100 }, (_, i) => [1000, 100 - i]),
      ),
    ).toBe(undefined)
    expect(expiryOf(30, Array(10).fill([1000, 100]))).toBe(30)
    expect(expiryOf(30, Array(10).fill([1000, 'no number']))).toBe(30)
  })

  test('counts the progress of the TCP handle under TLS, because the TLS handle accepts everything at once', () => {
    const tlsTransport = (writeQueueSize: number) =>
      ({ writableLength: 1000, _handle: { writeQueueSize: 1100, _parent: { writeQueueSize } } }) as never
    const progressing = new WriteTimeout(30)
    const stalled = new WriteTimeout(30)
    const expired = Array.from({ length: 10 }, (_, i) => [
      progressing.isExpired(i * 10, 10, unsentBytes(tlsTransport(1000 - i))),
      stalled.isExpired(i * 10, 10, unsentBytes(tlsTransport(1000))),
    ])
    expect(expired.map(([first]) => first)).not.toContain(true)
    expect(expired.findIndex(([, second]) => second)).toBe(3)
  })
})
