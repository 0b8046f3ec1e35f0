import { createDeflateRaw, createInflateRaw } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type RawStream, SYNC_SUPPORTED, SyncZlib, supportsSync } from './sync-zlib.ts'

test('this Node supports synchronous zlib', () => expect(SYNC_SUPPORTED).toBe(true))

test('a step reports the bytes consumed and produced', () => {
  const handle = new SyncZlib(createInflateRaw())
  const target = new Uint8Array(10)
  handle.step(Uint8Array.of(9, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00), 1, target, 3)
  expect([handle.produced, String.fromCharCode(...target.subarray(0, 4))]).toEqual([3, 'Hel\0'])
})

describe('is not supported where Node has', () => {
  /** A stream of Node's with one change. */
  const changed =
    (create: (options: object) => RawStream, change: (stream: never) => void) => (options: object) => {
      const stream = create(options)
      change(stream as never)
      return stream
    }

  test.each<[string, (stream: { _handle: Record<string, unknown>; _writeState: unknown }) => void]>([
    ['no handle', stream => Object.assign(stream, { _handle: undefined })],
    ['no function', stream => Object.assign(stream._handle, { writeSync: 1 })],
    ['no state', stream => Object.assign(stream, { _writeState: [0, 0] })],
    ['a function that does nothing', stream => Object.assign(stream._handle, { writeSync: () => undefined })],
    ['a state that does not change', stream => Object.assign(stream, { _writeState: new Uint32Array(2) })],
    ['a reset that does nothing', stream => Object.assign(stream, { reset: () => undefined })],
    ['errors that are not reported', stream => Object.assign(stream._handle, { onerror: () => undefined })],
  ])('%s', (name, change) => {
    // An inflater works without a reset, and a deflater has no errors to report.
    const inflating = supportsSync(createDeflateRaw, changed(createInflateRaw, change))
    const deflating = supportsSync(changed(createDeflateRaw, change), createInflateRaw)
    expect({ inflating, deflating }).toEqual({
      inflating: name.startsWith('a reset'),
      deflating: name.startsWith('errors'),
    })
  })
})
