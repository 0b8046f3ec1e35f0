import { createDeflateRaw, createInflateRaw } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { DIRECT, DirectHandle, isSound, type RawStream } from './direct.ts'

test('it is there in this Node', () => expect(DIRECT).toBe(true))

test('it counts what went in and came out', () => {
  const handle = new DirectHandle(createInflateRaw())
  const target = new Uint8Array(10)
  handle.step(Uint8Array.of(9, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00), 1, target, 3)
  expect([handle.produced, String.fromCharCode(...target.subarray(0, 4))]).toEqual([3, 'Hel\0'])
})

describe('where Node has it otherwise, it is not used', () => {
  /** What Node makes, with something else in a place of it. */
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
    ['a state that says nothing', stream => Object.assign(stream, { _writeState: new Uint32Array(2) })],
    ['a reset that does nothing', stream => Object.assign(stream, { reset: () => undefined })],
    ['errors that are not told', stream => Object.assign(stream._handle, { onerror: () => undefined })],
  ])('%s', (name, change) => {
    // An inflater goes on as well as it begins, and a deflater makes no errors.
    const inflating = isSound(createDeflateRaw, changed(createInflateRaw, change))
    const deflating = isSound(changed(createDeflateRaw, change), createInflateRaw)
    expect({ inflating, deflating }).toEqual({
      inflating: name.startsWith('a reset'),
      deflating: name.startsWith('errors'),
    })
  })
})
