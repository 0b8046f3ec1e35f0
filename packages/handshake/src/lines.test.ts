import { concat, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { HeadLines } from './lines.ts'

const limits = { maxHeadSize: 100, maxFields: 3, maxStartLine: 20 }

function read(segments: readonly Uint8Array[]): unknown {
  const lines = new HeadLines(limits)
  for (const [i, segment] of segments.entries()) {
    const result = lines.push(segment)
    if (result === undefined) continue
    if (!('lines' in result)) return result.status
    return {
      lines: result.lines,
      rest: Buffer.from(concat(result.rest, ...segments.slice(i + 1))).toString('latin1'),
    }
  }
  return 'more'
}

const table: [text: string, expected: unknown][] = [
  ['', 'more'],
  ['a\r\nb\r\n\r', 'more'],
  ['a\r\n\r\n', { lines: ['a'], rest: '' }],
  ['\r\n\r\na\r\nb\tc\r\n\r\nrest\0', { lines: ['a', 'b\tc'], rest: 'rest\0' }],
  ['a\r\nb\xe9\r\n\r\n\r\n', { lines: ['a', 'b\xe9'], rest: '\r\n' }],
  ['a\n\n', 400],
  ['a\r\nb\n', 400],
  ['a\rb\r\n\r\n', 400],
  ['a\rb\n\r\n', 400],
  ['a\r\r\n', 400],
  ['a\0', 400],
  ['a\x7f', 400],
  ['\x16\x03\x01', 400],
  ['a'.repeat(21), 414],
  ['a'.repeat(18), 'more'],
  [`${'a'.repeat(18)}\r\n\r\n`, { lines: ['a'.repeat(18)], rest: '' }],
  [`a\r\n${'b'.repeat(93)}\r\n\r\n`, { lines: ['a', 'b'.repeat(93)], rest: '' }],
  [`a\r\n${'b'.repeat(94)}\r\n\r\n`, 431],
  [`a\r\n${'b'.repeat(98)}`, 431],
  ['a\r\n1\r\n2\r\n3\r\n\r\n', { lines: ['a', '1', '2', '3'], rest: '' }],
  ['a\r\n1\r\n2\r\n3\r\n4\r\n', 431],
  [`a\r\n${'\0'.repeat(200)}`, 400],
]

describe.each(table)('reads %j', (text, expected) => {
  const bytes = Uint8Array.from(text, char => char.charCodeAt(0))
  test.each(segmentations(bytes))('$name', ({ segments }) => {
    expect(read(segments)).toEqual(expected)
  })
})

test('reads a line longer than the arguments of a call', () => {
  const line = 'x'.repeat(1_000_000)
  const lines = new HeadLines({ maxHeadSize: 1 << 20, maxFields: 1, maxStartLine: 1 << 20 })
  expect(lines.push(utf8(`${line}\r\n\r\n`))).toMatchObject({ lines: [line] })
})

test('returns the rest as a view of the last chunk', () => {
  const bytes = utf8('a\r\n\r\nframe')
  const result = new HeadLines(limits).push(bytes)
  expect(result).toMatchObject({ rest: bytes.subarray(5) })
  expect(result && 'rest' in result && result.rest.buffer).toBe(bytes.buffer)
})
