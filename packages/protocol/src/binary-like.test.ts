// Everything that holds bytes can be sent.

import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { End } from '../test/end.ts'
import { type BinaryLike, prepare } from './index.ts'

const memory = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0).buffer
const values: [string, BinaryLike][] = [
  ['an ArrayBuffer', memory.slice(8, 16)],
  ['a Uint8Array', new Uint8Array(memory, 8, 8)],
  ['a Buffer', Buffer.from(memory, 8, 8)],
  ['a DataView', new DataView(memory, 8, 8)],
  ['an array of larger numbers', new Float64Array(memory, 8, 1)],
  ['a Uint8ClampedArray', new Uint8ClampedArray(memory, 8, 8)],
  ['an ArrayBuffer of another realm', runInNewContext('Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer')],
  ['a Uint8Array of another realm', runInNewContext('Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)')],
]
const HEX = '0102030405060708'

test.each(values)('%s is sent as its bytes', (_, value) => {
  for (const role of ['server', 'client'] as const) {
    const end = new End(role)
    end.protocol.send(value)
    end.protocol.send(prepare(value))
    end.protocol.ping(value)
    end.protocol.pong(value)
    const stream = end.protocol.stream('binary')!
    stream.write(value)
    stream.end(value)
    const ascii = '\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008'
    expect(end.written()).toEqual([
      `binary: ${HEX}`,
      `binary: ${HEX}`,
      `ping: ${ascii}`,
      `pong: ${ascii}`,
      `binary …: ${HEX}`,
      `more: ${ascii}`,
    ])
  }
})

test.each(values)('%s is sent as text if it is valid UTF-8', (_, value) => {
  const end = new End('server')
  end.protocol.send(value, { type: 'text' })
  expect(end.written()).toEqual(['text: \u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008'])
})

test('an empty ArrayBuffer is sent as an empty message', () => {
  const end = new End('server')
  end.protocol.send(new ArrayBuffer(0))
  expect(end.written()).toEqual(['binary:'])
})

test.each([
  ['an array', [1, 2]],
  ['a SharedArrayBuffer', new SharedArrayBuffer(2)],
  ['an object with the tag of an ArrayBuffer', { [Symbol.toStringTag]: 'ArrayBuffer', byteLength: 2 }],
  ['a Blob', new Blob(['x'])],
  ['a number', 2],
  ['nothing', undefined],
])('%s throws a TypeError', (_, value) => {
  const { protocol } = new End('server')
  expect(() => protocol.send(value as never)).toThrow(TypeError)
  expect(() => prepare(value as never)).toThrow(TypeError)
  if (value !== undefined) expect(() => protocol.ping(value as never)).toThrow(TypeError)
  expect(() => protocol.stream('binary')!.write(value as never)).toThrow(TypeError)
})
