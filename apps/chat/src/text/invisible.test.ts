import { expect, test } from 'vitest'
import { hasInvisible } from './invisible.ts'

test.each([
  ['a control character', '\u0007'],
  ['a line break', '\n'],
  ['a line separator', '\u2028'],
  ['a soft hyphen', '\u00AD'],
  ['a combining grapheme joiner', '\u034F'],
  ['an Arabic letter mark', '\u061C'],
  ['a Hangul choseong filler', '\u115F'],
  ['a Hangul jungseong filler', '\u1160'],
  ['a Hangul filler', '\u3164'],
  ['a halfwidth Hangul filler', '\uFFA0'],
  ['a Khmer inherent vowel', '\u17B4'],
  ['a Mongolian vowel separator', '\u180E'],
  ['a Mongolian variation selector', '\u180B'],
  ['a zero width space', '\u200B'],
  ['a zero width joiner', '\u200D'],
  ['a direction override', '\u202E'],
  ['an isolate', '\u2066'],
  ['a word joiner', '\u2060'],
  ['an invisible plus', '\u2064'],
  ['a deprecated format character', '\u206A'],
  ['a variation selector', '\uFE0F'],
  ['a supplementary variation selector', '\u{E0101}'],
  ['a byte order mark', '\uFEFF'],
  ['an interlinear annotation anchor', '\uFFF9'],
  ['a tag letter', '\u{E0041}'],
  ['a musical format character', '\u{1D173}'],
  ['a shorthand format control', '\u{1BCA0}'],
  ['an Egyptian format control', '\u{13430}'],
  ['a private use character', '\uE000'],
  ['an unassigned code point', '\u0378'],
  ['a noncharacter', '\uFFFE'],
  ['a lone surrogate', '\uD800'],
  ['a braille pattern blank', '\u2800'],
  ['an ideographic half fill space', '\u303F'],
  ['an object replacement character', '\uFFFC'],
  ['an Egyptian full blank', '\u{13441}'],
  ['an Egyptian half blank', '\u{13442}'],
  ['an Egyptian mirror control', '\u{13440}'],
  ['a musical null notehead', '\u{1D159}'],
  ['a Khitan filler', '\u{16FE4}'],
  ['a Duployan thick letter selector', '\u{1BC9D}'],
  ['a Myanmar stacker', '\u1039'],
  ['a Khmer stacker', '\u17D2'],
  ['a Tai Tham stacker', '\u1A60'],
  ['a Tifinagh joiner', '\u2D7F'],
  ['a Brahmi number joiner', '\u{1107F}'],
  ['a Kawi stacker', '\u{11F42}'],
])('%s is invisible before, within and after a name', (_name, character) => {
  for (const text of [character, `Bob${character}`, `${character}Bob`, `Bo${character}b`])
    expect(hasInvisible(text), JSON.stringify(text)).toBe(true)
})

test.each([
  ['alone', '\u0301'],
  ['first', '\u0301Bob'],
  ['after a space', 'Bob \u0301'],
  ['that encloses nothing', ' \u20DD'],
])('a combining mark %s is invisible', (_where, text) => expect(hasInvisible(text)).toBe(true))

test.each([
  'Bob',
  'Bob Builder',
  'Zoë',
  'Ê̄ric',
  'नेहा',
  'ဗုဒ္ဓ',
  'សុខា',
  'ខ្មែរ',
  'ⵣ',
  'ศรีสุข',
  'שָׁלוֹם',
  'محمد',
  '김하나',
  '今日🌞',
  '⠃⠕⠃',
  '𓀀',
  '♪ 𝄞',
  'x²',
  '...',
])('a visible name is not invisible: %s', text => expect(hasInvisible(text.normalize('NFC'))).toBe(false))

test('a text of marks and blanks is searched in linear time', () => {
  const text = '\u1039\u0301 '.repeat(5000)
  const before = process.threadCpuUsage()
  for (let i = 0; i < 100; i++) hasInvisible(`a${text}`)
  expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(1000)
})
