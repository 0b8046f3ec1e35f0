// Texts that are expensive to process: every function that reads texts of users takes linear time.

import { expect, test } from 'vitest'
import { readCommand } from '../../page/src/text/commands.ts'
import { isMentioned } from '../../page/src/text/mention.ts'
import { sentence } from '../../page/src/text/sentence.ts'
import { makeVisible } from '../../page/src/text/visible.ts'
import { readName } from '../../src/accounts/name.ts'
import { readRedisAddress } from '../../src/engine/redis/address.ts'
import { indexOf, snippetOf, wantedBy } from '../../src/engine/search/words.ts'
import { hasInvisible } from '../../src/text/invisible.ts'
import { cleanLabel } from '../../src/text/label.ts'
import { readMarkdown, withoutMarks } from '../../src/text/markdown.ts'
import { Mentionable } from '../../src/text/mentionable.ts'
import { nameKey } from '../../src/text/name-key.ts'
import { clientMessage } from '../../src/wire/request-schema.ts'
import { expectLinear } from './growth.ts'

/** Repeated to make a long text. */
const UNITS = [
  ...['a', ' ', '\t', '\n', '\0', ',', ';', '.', '?', '"', '\\', '/', '//', '#', '%', '-', ':', ' , '],
  ...['`', '``', '```\n', '`a', '*', '**', '*a', 'a*', '**a', '_', '_a', '*_', '> ', '\n> '],
  ...['[', '](', '[a', '[a](', '[a]', '[a](b', '[a](http://b', '(', ')', '<', '>'],
  ...['http://', 'http://[', 'http://(', 'http://a)', 'http://a.', 'http://%', 'http://é', 'mailto:', '://'],
  ...['@', '@a', '@ann', '@ann b', '@@', 'a@', '/me ', 'a "'],
  ...['\u0300', '\u0300\u0316', 'a\u0300\u0316', '\u0f71\u0f72', '\u05b0\u05b1\u05b2', '\u0344\u0316'],
  ...['Σ', "Σ'", 'ß', 'İ', 'ﷺ', '中', 'か\u3099', '\u1100\u1161\u11a8', '😀', '\u200d', '\u202e', '\u2028'],
]

const requestWith = (fields: object) => clientMessage.safeParse({ id: 1, room: 'lobby', ...fields })

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  readMarkdown,
  withoutMarks,
  'readMarkdown with names': text => readMarkdown(text, new Mentionable(['ann b', 'a', '中', 'ﷺ'])),
  indexOf,
  snippetOf: text => snippetOf(text, wantedBy('a')!),
  wantedBy,
  nameKey,
  readName: text => readName(text.slice(0, 200)),
  isMentioned: text => isMentioned('ann', text, new Mentionable(['ann'])),
  makeVisible,
  cleanLabel,
  hasInvisible,
  sentence,
  readCommand: text => readCommand(`/${text}`),
  'readCommand of /kick': text => readCommand(`/kick ${text}`),
  'readCommand of /ban': text => readCommand(`/ban ann ${text}`),
  'schema of a send': text => requestWith({ t: 'send', cid: 'a', body: text }),
  'schema of a reaction': text => requestWith({ t: 'react', cid: 'a', seq: 1, on: true, emoji: text }),
  'schema of a room': text => requestWith({ t: 'join', room: text }),
  'schema of anything': text => clientMessage.safeParse({ t: text, [text]: text }),
  readRedisAddress: text => readRedisAddress(`redis://${text}`),
}

test.each(Object.entries(READERS))('%s takes time in proportion to the text', (_, read) => {
  for (const unit of UNITS)
    for (const end of ['', '!']) expectLinear(read, size => unit.repeat(size / unit.length) + end)
  expectLinear(read, size =>
    Array.from({ length: size }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(''),
  )
})

test('an address with a long host is not a link, because it is expensive to parse', () => {
  const letters = Array.from({ length: 1900 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('')
  expect(readMarkdown(`http://${letters}`)).toEqual([
    { kind: 'lines', content: [{ kind: 'text', text: `http://${letters}` }] },
  ])
})
