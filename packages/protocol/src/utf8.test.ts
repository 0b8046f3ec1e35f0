import { concat, hex, randomBytes, randomFrom, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { Utf8Validator } from './utf8.ts'

type Check = (bytes: Uint8Array, start: number, end: number) => boolean

/** The result of the platform's decoder, which throws for invalid UTF-8. */
const decodes: Check = (bytes, start, end) => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end))
    return true
  } catch {
    return false
  }
}

/** The table of RFC 3629 §4. */
const SEQUENCES = [
  [[0x00, 0x7f]],
  [
    [0xc2, 0xdf],
    [0x80, 0xbf],
  ],
  [
    [0xe0, 0xe0],
    [0xa0, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xe1, 0xec],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xed, 0xed],
    [0x80, 0x9f],
    [0x80, 0xbf],
  ],
  [
    [0xee, 0xef],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xf0, 0xf0],
    [0x90, 0xbf],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xf1, 0xf3],
    [0x80, 0xbf],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xf4, 0xf4],
    [0x80, 0x8f],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
] as const

/** `text`, the start of one, or neither. */
function validateNaively(bytes: Uint8Array): 'text' | 'start' | 'neither' {
  let at = 0
  while (at < bytes.length) {
    const rest = bytes.subarray(at)
    const fits = SEQUENCES.filter(sequence =>
      sequence.slice(0, rest.length).every(([low, high], i) => rest[i]! >= low && rest[i]! <= high),
    )
    if (fits.length === 0) return 'neither'
    if (fits[0]!.length > rest.length) return 'start'
    at += fits[0]!.length
  }
  return 'text'
}

function validate(pieces: Iterable<Uint8Array>, isUtf8?: Check): 'text' | 'start' | 'neither' {
  const validator = new Utf8Validator(isUtf8)
  for (const piece of pieces) if (!validator.push(piece, 0, piece.length)) return 'neither'
  return validator.complete ? 'text' : 'start'
}

const WAYS = [
  ['alone', undefined],
  ["with the platform's check", decodes],
] as const

/** Enough text around a few bytes that the platform's check is used. */
const long = (bytes: Uint8Array) => concat(utf8('ä'.repeat(50)), bytes, utf8('z'.repeat(70)))

describe.each(WAYS)('a text validated %s', (_, isUtf8) => {
  test.each(['', 'plain', 'ÄÖÜ', '߿ࠀ', '퟿', '𐀀', '\u{10ffff}', '\u0000', '\ufeff'])('is valid: %j', text => {
    for (const bytes of [utf8(text), long(utf8(text))]) {
      for (let at = 0; at <= bytes.length; at++) {
        expect(validate([bytes.subarray(0, at), bytes.subarray(at)], isUtf8), `cut at ${at}`).toBe('text')
      }
    }
  })

  test.each([
    'c0af',
    'c1bf',
    'e09fbf',
    'eda080',
    'edbfbf',
    'f08fbfbf',
    'f4908080',
    'f5808080',
    'ff',
    '80',
    'c220',
    'e28228',
  ])('U1: is invalid in any segmentation: %s', digits => {
    for (const bytes of [hex(digits), long(hex(digits))]) {
      for (let at = 0; at <= bytes.length; at++) {
        expect(validate([bytes.subarray(0, at), bytes.subarray(at)], isUtf8), `cut at ${at}`).toBe('neither')
      }
    }
  })

  test.each(['c2', 'e2', 'e282', 'f0', 'f09f', 'f09f98'])(
    'U1: %s at its end is the start of more',
    digits => {
      expect(validate([hex(digits)], isUtf8)).toBe('start')
      expect(validate([concat(utf8('x'.repeat(200)), hex(digits))], isUtf8)).toBe('start')
    },
  )

  test('U2: is valid if a character is cut at any of its bytes', () => {
    const bytes = utf8('aä€😀'.repeat(20))
    for (const { name, segments } of segmentations(bytes, [1, 2, 3, 4, 5, 6])) {
      expect(validate(segments, isUtf8), name).toBe('text')
    }
  })

  test('U3: is invalid from the first wrong byte on', () => {
    const validator = new Utf8Validator(isUtf8)
    expect(validator.push(hex('ed'), 0, 1)).toBe(true)
    expect(validator.push(hex('a0'), 0, 1)).toBe(false)
  })

  test('is read between start and end only', () => {
    const bytes = concat(hex('ff'), utf8('€'.repeat(40)), hex('ff'))
    expect(new Utf8Validator(isUtf8).push(bytes, 1, bytes.length - 1)).toBe(true)
    expect(new Utf8Validator(isUtf8).push(bytes, 1, bytes.length)).toBe(false)
  })

  test('gets the result of a naive reading of RFC 3629, for random bytes', () => {
    const edges = SEQUENCES.flat(2)
    const random = randomFrom(7)
    const pick = (count: number) => Math.floor(random() * count)
    for (let round = 0; round < 4000; round++) {
      const good = utf8('ä€😀z'.repeat(1 + pick(12)))
      const noise = Uint8Array.from({ length: 1 + pick(4) }, () => edges[pick(edges.length)]!)
      const bytes = concat(good, noise, round % 2 === 0 ? good : randomBytes(random, pick(3)))
      const at = pick(bytes.length + 1)
      const result = validate([bytes.subarray(0, at), bytes.subarray(at)], isUtf8)
      expect(result, Buffer.from(bytes).toString('hex')).toBe(validateNaively(bytes))
      expect(result === 'text').toBe(decodes(bytes, 0, bytes.length))
    }
  })
})

test('the platform checks long ranges of whole characters only', () => {
  const asked: string[] = []
  const validator = new Utf8Validator((bytes, start, end) => {
    asked.push(Buffer.from(bytes.subarray(start, end)).toString())
    return true
  })
  const bytes = utf8('😀'.repeat(40))
  validator.push(bytes, 0, 63)
  expect(asked).toEqual([])
  validator.push(bytes, 63, 131)
  expect(asked).toEqual(['😀'.repeat(16)])
  expect(validator.complete).toBe(false)
})
