import { expect, test } from 'vitest'
import { readName } from './name.ts'

test.each([
  ['Ann', 'Ann'],
  ['  Ann  Lee\u00A0III ', 'Ann Lee III'],
  ['Zoe\u0308', 'Zoë'],
  ['今日🌞', '今日🌞'],
  ['x'.repeat(32), 'x'.repeat(32)],
  ["O'Neil-Smith, Jr.", "O'Neil-Smith, Jr."],
  ['ann_2', 'ann_2'],
  ['ann@home', 'ann@home'],
  ['می\u200Cخواهم', 'می\u200Cخواهم'],
  ['ශ්\u200Dරී', 'ශ්\u200Dරී'],
  ['മോഹന്\u200D', 'മോഹന്\u200D'],
  ['👩\u200D🚀 Ann', '👩\u200D🚀 Ann'],
  ['❤\uFE0F', '❤\uFE0F'],
  ['🇩🇪', '🇩🇪'],
  ['🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
  ['Nguyễn Thị', 'Nguyễn Thị'],
  ['שָׁלוֹם', 'שָׁלוֹם'.normalize('NFC')],
  ['สุภาพร', 'สุภาพร'],
  ['Guestbook', 'Guestbook'],
])('%j is %j', (text, nick) => expect(readName(text)).toEqual({ nick }))

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
  ['👍\u200D', 'a joiner that joins nothing'],
  ['می\u200C', 'a non-joiner at the end'],
])('%j is refused as a name: %s', text =>
  expect(readName(text)).toEqual({
    problem: "Use 1–32 letters, digits or symbols. Hidden characters aren't allowed.",
  }),
)

test.each([
  ['.', 'A name needs at least one letter, digit or emoji.'],
  ['...', 'A name needs at least one letter, digit or emoji.'],
  ['_ -', 'A name needs at least one letter, digit or emoji.'],
  ['→', 'A name needs at least one letter, digit or emoji.'],
  ['@ada', "A name can't begin with @."],
  ['＠ada', "A name can't begin with @."],
  ['#ada', "A name can't begin with #."],
  ['/kick', "A name can't begin with /."],
  ['\u0410da', 'This name mixes letters of scripts that look alike. Use one script.'],
  ['A\u0301\u0302\u0303\u0304\u0305\u0306', 'This name has too many marks on one letter.'],
  ['you', `"you" can't be used as a name. Pick another one.`],
  ['Guest', `"Guest" can't be used as a name. Pick another one.`],
  ['GUE5T'.replace('5', 'S'), `"GUEST" can't be used as a name. Pick another one.`],
  [
    '\u0443\u043E\u0446'.replace('\u0446', '\u057D'),
    'This name mixes letters of scripts that look alike. Use one script.',
  ],
  ['a11', `"a11" can't be used as a name. Pick another one.`],
  ['here', `"here" can't be used as a name. Pick another one.`],
])('%j is refused because: %s', (text, problem) => expect(readName(text)).toEqual({ problem }))
