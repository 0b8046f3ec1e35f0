import { expect, test } from 'vitest'
import { cleanLabel } from './label.ts'

const BIDI = [0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069]
const INVISIBLE = [
  0xad, 0x34f, 0x115f, 0x180e, 0x200b, 0x2060, 0x2064, 0x3164, 0xfeff, 0xffa0, 0xfff9, 0x1d173, 0xe0001,
]
const BREAKS = [0, 7, 9, 0xa, 0xd, 0x1b, 0x7f, 0x85, 0x9b, 0x2028, 0x2029]
const name = (code: number): [string, string] => [code.toString(16), String.fromCodePoint(code)]

test.each([...BIDI, ...INVISIBLE].map(name))('removes U+%s', (_, character) => {
  expect(cleanLabel(`${character}a${character}b${character}`)).toBe('ab')
})

test.each(BREAKS.map(name))('replaces U+%s by a space', (_, character) => {
  expect(cleanLabel(`${character}a${character}${character}b${character}`)).toBe('a b')
})

test.each(['👩‍🚀', '❤️', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'می‌خواهم', 'क्‍ष', 'שלום (עולם)', 'مرحبا', 'e\u0301', '中文', 'a  b'])(
  'keeps %s',
  text => expect(cleanLabel(text)).toBe(text),
)

test('is empty for an invisible text', () => {
  expect(cleanLabel(' \u202e\u200b\n\ufeff ')).toBe('')
})
