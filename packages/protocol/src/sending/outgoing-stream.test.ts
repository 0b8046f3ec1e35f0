import { hex } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { OutgoingStream } from './outgoing-stream.ts'

function recorder(type: 'text' | 'binary', open = true) {
  const written: [string | Uint8Array, boolean][] = []
  const stream = new OutgoingStream(type, (data, last) => {
    written.push([data, last])
    return open
  })
  return { stream, written }
}

describe('a text', () => {
  test('is written piece by piece, the last one marked', () => {
    const { stream, written } = recorder('text')
    expect(stream.write('one')).toBe(true)
    expect(stream.end('two')).toBe(true)
    expect(written).toEqual([
      ['one', false],
      ['two', true],
    ])
  })

  test('keeps half a surrogate pair for the next piece', () => {
    const { stream, written } = recorder('text')
    for (const piece of ['a\ud83d', '\ude00b', '\ud83d', '\ude00']) stream.write(piece)
    stream.end()
    expect(written.map(([data]) => data)).toEqual(['a', '😀b', '', '😀', ''])
  })

  test('writes half a surrogate pair at its end', () => {
    const { stream, written } = recorder('text')
    stream.write('a\ud83d')
    stream.write('\ud83d')
    stream.end()
    expect(written).toEqual([
      ['a', false],
      ['\ud83d', false],
      ['\ud83d', true],
    ])
  })

  test('throws for bytes', () => {
    const { stream, written } = recorder('text')
    expect(() => stream.write(hex('00'))).toThrow(new TypeError('a piece of a text message must be a string'))
    expect(written).toEqual([])
  })
})

describe('a binary message', () => {
  test('is written piece by piece', () => {
    const { stream, written } = recorder('binary')
    stream.write(hex('01'))
    stream.end()
    expect(written).toEqual([
      [hex('01'), false],
      [hex(''), true],
    ])
  })

  test('throws for text, and continues after that', () => {
    const { stream, written } = recorder('binary')
    expect(() => stream.end('x')).toThrow(
      new TypeError('a piece of a binary message must be an ArrayBuffer or a view of one'),
    )
    expect(stream.end(hex('01'))).toBe(true)
    expect(written).toHaveLength(1)
  })
})

test('throws after the end', () => {
  const { stream } = recorder('text')
  stream.end()
  expect(() => stream.write('x')).toThrow(new TypeError('the message has already ended'))
  expect(() => stream.end()).toThrow(TypeError)
})

test('returns false if the connection is not open', () => {
  const { stream } = recorder('binary', false)
  expect(stream.write(hex('01'))).toBe(false)
  expect(stream.end()).toBe(false)
})
