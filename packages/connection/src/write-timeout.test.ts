import type { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { unsentBytes } from './node/transport.ts'
import { WriteTimeout } from './write-timeout.ts'

/** What a transport shows of its output. */
function transport(writableLength: number, writeQueueSize?: unknown) {
  const _handle = writeQueueSize === undefined ? null : { writeQueueSize }
  return { writableLength, _handle } as unknown as Duplex
}

/** Asks every 10 ms, with what waits then, as a connection does; gives when it was over, or undefined. */
function run(timeout: number, amounts: readonly [number, unknown?][]): number | undefined {
  let stall: WriteTimeout | undefined
  const at = amounts.findIndex(([length, queued], i) => {
    const waiting = unsentBytes(transport(length, queued))
    stall = waiting === 0 ? undefined : (stall ?? new WriteTimeout(timeout))
    return stall?.isExpired(i * 10, 10, waiting)
  })
  return at < 0 ? undefined : at * 10
}

test('is over when nothing of what waits has left in time', () => {
  expect(run(30, Array(10).fill([100]))).toBe(30)
  expect(run(30, Array(10).fill([0]))).toBe(undefined)
  expect(run(Number.POSITIVE_INFINITY, Array(1000).fill([100]))).toBe(undefined)
})

test('begins anew with whatever leaves', () => {
  expect(
    run(
      30,
      Array.from({ length: 100 }, (_, i) => [100 - i]),
    ),
  ).toBe(undefined)
  expect(run(30, [[100], [100], [100], [99], [99], [99], [99], [99], [99]])).toBe(60)
  expect(run(30, [[100], [100], [100], [0], [100], [100], [100], [100], [100], [100]])).toBe(70)
})

test('sees what the kernel takes of one large write, where the handle says so', () => {
  expect(
    run(
      30,
      Array.from({ length: 100 }, (_, i) => [1000, 100 - i]),
    ),
  ).toBe(undefined)
  expect(run(30, Array(10).fill([1000, 100]))).toBe(30)
  expect(run(30, Array(10).fill([1000, 'no number']))).toBe(30)
})

test('over TLS it is the handle below that says so: the upper one takes all at once', () => {
  const below = (writeQueueSize: number) =>
    ({ writableLength: 1000, _handle: { writeQueueSize: 1100, _parent: { writeQueueSize } } }) as never
  const taking = new WriteTimeout(30)
  const stalled = new WriteTimeout(30)
  const over = Array.from({ length: 10 }, (_, i) => [
    taking.isExpired(i * 10, 10, unsentBytes(below(1000 - i))),
    stalled.isExpired(i * 10, 10, unsentBytes(below(1000))),
  ])
  expect(over.map(([first]) => first)).not.toContain(true)
  expect(over.findIndex(([, second]) => second)).toBe(3)
})
