import { concat, hex, randomBytes, randomFrom, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { portableHost } from './host.ts'

const TEXTS = [
  '',
  'Hello',
  'ÄÖÜ',
  '\u007f\u0080',
  '\u07ff\u0800',
  '€',
  '😀',
  'a😀b',
  '\ufeffx',
  '\u0000',
  '\ud800',
  '\udc00',
  'a\ud800b\udc00',
  '€\udc00',
  '\ud800\ud800\udc00',
]

describe('text to bytes', () => {
  test.each(TEXTS)('U6: %j is measured and written as well-formed UTF-8', text => {
    const bytes = utf8(text)
    expect(portableHost.measureText(text)).toBe(bytes.length)
    const target = new Uint8Array(bytes.length + 3).fill(0xaa)
    expect(portableHost.encodeText(text, target, 2)).toBe(bytes.length)
    expect(target).toEqual(concat(hex('aaaa'), bytes, hex('aa')))
  })

  test('fills room that fits exactly, for any text', () => {
    const random = randomFrom(1)
    for (let length = 0; length < 600; length++) {
      const text = Buffer.from(randomBytes(random, length)).toString(length % 2 === 0 ? 'latin1' : 'utf16le')
      const bytes = utf8(text)
      const target = new Uint8Array(bytes.length)
      expect(portableHost.encodeText(text, target, 0)).toBe(bytes.length)
      expect(Buffer.compare(target, bytes)).toBe(0)
    }
  })
})

describe('bytes to text', () => {
  test('decodes a range, and nothing around it', () => {
    expect(portableHost.decodeText(concat(hex('ff'), utf8('schön'), hex('ff')), 1, 7)).toBe('schön')
  })

  test('U5: keeps a byte order mark and NUL', () => {
    expect(portableHost.decodeText(hex('efbbbf0061'), 0, 5)).toBe('\ufeff\u0000a')
  })

  test('gives undefined for invalid UTF-8, and works again after it', () => {
    expect(portableHost.decodeText(hex('61e282'), 0, 3)).toBeUndefined()
    expect(portableHost.decodeText(hex('ac'), 0, 1)).toBeUndefined()
    expect(portableHost.decodeText(hex('61'), 0, 1)).toBe('a')
  })
})

test('isUtf8 checks a range', () => {
  const bytes = concat(hex('ff'), utf8('€'.repeat(50)), hex('e2'))
  expect(portableHost.isUtf8(bytes, 1, 151)).toBe(true)
  expect(portableHost.isUtf8(bytes, 0, 151)).toBe(false)
  expect(portableHost.isUtf8(bytes, 1, 152)).toBe(false)
})

test('allocate returns an array of the requested size', () =>
  expect(portableHost.allocate(7)).toHaveLength(7))

test('masking keys are unsigned 32-bit numbers that differ', () => {
  const keys = Array.from({ length: 100 }, () => portableHost.createMaskingKey())
  expect(keys.every(key => Number.isInteger(key) && key >= 0 && key < 2 ** 32)).toBe(true)
  expect(new Set(keys).size).toBeGreaterThan(95)
})
