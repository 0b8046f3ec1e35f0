import { Buffer } from 'node:buffer'
import { portableHost } from '@ws/protocol'
import { hex, randomBytes, randomFrom, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { nodeHost } from './host.ts'

const LENGTHS = [0, 1, 31, 32, 33, 63, 64, 65, 1000]
const CHARACTERS = [
  'a',
  '\0',
  '\x7f',
  '\x80',
  'é',
  'ÿ',
  'Ā',
  '߿',
  'ࠀ',
  '€',
  '\ufeff',
  '\uffff',
  '𝄞',
  '\ud800',
  '\udfff',
]

/** Each character repeated and within ASCII, of lengths around the limit of the fast path. */
const TEXTS = CHARACTERS.flatMap(character =>
  LENGTHS.flatMap(length => {
    const half = 'x'.repeat(length >> 1)
    return [
      character.repeat(length),
      `${character}${half}`,
      `${half}${character}${half}`,
      `${half}${character}`,
    ]
  }),
)

const INVALID_UTF8 = ['80', 'c0af', 'eda080', 'f4908080', 'e282', 'ff', 'f0828282', 'c3', '61c3'].map(hex)

/** The bytes as an array and as a Buffer, with and without bytes around them in the same memory. */
function viewsOf(bytes: Uint8Array): { array: Uint8Array; start: number }[] {
  return [0, 3].flatMap(start => {
    const memory = new Uint8Array(bytes.length + 2 * start).fill(0xff)
    memory.set(bytes, start)
    const inner = new Uint8Array(memory.buffer, start, bytes.length)
    return [
      { array: memory, start },
      { array: Buffer.from(memory.buffer), start },
      { array: inner, start: 0 },
      { array: Buffer.from(memory.buffer, start, bytes.length), start: 0 },
    ]
  })
}

function expectSameDecoding(bytes: Uint8Array): void {
  for (const { array, start } of viewsOf(bytes)) {
    const end = start + bytes.length
    expect(nodeHost.decodeText(array, start, end)).toBe(portableHost.decodeText(array, start, end))
    expect(nodeHost.isUtf8(array, start, end)).toBe(portableHost.isUtf8(array, start, end))
  }
}

describe('nodeHost', () => {
  test('measures and encodes text as the portable host does', () => {
    for (const text of TEXTS) {
      const size = nodeHost.measureText(text)
      expect(size).toBe(portableHost.measureText(text))
      for (const { array, start } of viewsOf(new Uint8Array(size))) {
        expect(nodeHost.encodeText(text, array, start)).toBe(size)
        expect(new Uint8Array(array.slice(start, start + size))).toEqual(utf8(text))
        expect([...array.slice(0, start), ...array.slice(start + size)].every(byte => byte === 0xff)).toBe(
          true,
        )
      }
    }
  })

  test('decodes text as the portable host does, including a byte order mark', () => {
    for (const text of TEXTS) expectSameDecoding(utf8(text))
    expect(nodeHost.decodeText(utf8('\ufeffa'), 0, 4)).toBe('\ufeffa')
  })

  test('U6: encodes a lone surrogate as U+FFFD', () => {
    const target = new Uint8Array(3)
    expect(nodeHost.encodeText('\ud800', target, 0)).toBe(nodeHost.measureText('\ud800'))
    expect(target).toEqual(hex('efbfbd'))
  })

  test('U1: returns undefined for invalid UTF-8 at the start or the end of a text', () => {
    for (const invalid of INVALID_UTF8) {
      for (const length of LENGTHS) {
        const ascii = 'x'.repeat(length)
        for (const bytes of [
          [...utf8(ascii), ...invalid],
          [...invalid, ...utf8(ascii)],
        ]) {
          expectSameDecoding(Uint8Array.from(bytes))
          expect(nodeHost.decodeText(Uint8Array.from(bytes), 0, bytes.length)).toBe(undefined)
        }
      }
    }
  })

  test('accepts and rejects random bytes as the portable host does', () => {
    const random = randomFrom(7)
    for (let i = 0; i < 2000; i++) expectSameDecoding(randomBytes(random, 1 + Math.floor(3 * random())))
  })

  test('allocates memory of the requested size, and creates masking keys of 32 bits', () => {
    for (const size of LENGTHS) expect(nodeHost.allocate(size).length).toBe(size)
    const keys = Array.from({ length: 100 }, () => nodeHost.createMaskingKey())
    expect(keys.every(key => Number.isInteger(key) && key >= 0 && key < 2 ** 32)).toBe(true)
    expect(new Set(keys).size).toBeGreaterThan(90)
  })
})
