import { expect, test } from 'vitest'
import { readNick } from './nick.ts'

test.each([
  ['Ann', 'Ann'],
  ['  Ann  Lee\u00A0III ', 'Ann Lee III'],
  ['Zoe\u0308', 'Zoë'],
  ['今日🌞', '今日🌞'],
  ['x'.repeat(32), 'x'.repeat(32)],
])('%j is %j', (text, nick) => expect(readNick(text)).toBe(nick))

test.each([
  ['', 'empty'],
  [' \u3000', 'only space'],
  ['x'.repeat(33), 'too long'],
  ['a\u0000b', 'a control character'],
  ['a\nb', 'a line break'],
  ['a\u2028b', 'a line separator'],
  ['a\u202Eb', 'another direction'],
  ['a\u2066b', 'an isolate'],
  ['a\u200Db', 'a joiner'],
  ['a\uFEFFb', 'a mark of byte order'],
  ['a\u3164b', 'a filler'],
  ['a\u00ADb', 'a soft hyphen'],
  ['a\uFE0Fb', 'a variation selector'],
  ['a\uD800', 'half a character'],
])('%j is no nick: %s', text => expect(readNick(text)).toBe(undefined))
