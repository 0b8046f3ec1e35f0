// Group U from U2 on: texts that are echoed octet by octet, and where a text that is not UTF-8 fails.

import type { ExchangeCase, Step } from '../case.ts'
import {
  answers,
  BINARY,
  echo,
  fails,
  frame,
  type Group,
  hex,
  message,
  NOTHING,
  PING,
  pong,
  TEXT,
} from '../define.ts'
import { OFFENDING } from './strictness.ts'

const KILL: Step = { kill: 1000 }
const octets = (digits: string): string[] => digits.match(/../g)!
const join = (parts: readonly string[]): string => parts.join('')

const WHOLE: Group = {
  group: 'utf8 unchanged',
  rfc: '6455-5.6;3629-6',
  requirement: 'The payload of a text is UTF-8 as a whole. No octet of it is left out or replaced.',
}
const FAST: Group = {
  group: 'utf8 at the fragment',
  rfc: '6455-8.1;3629',
  requirement:
    'A text that is not UTF-8 fails the connection. A strict peer does so at the fragment whose octet no continuation can mend: it answers the Pings before it, and not the Ping behind.',
}
const UNFINISHED: Group = {
  group: 'utf8 unfinished',
  rfc: '6455-5.6,8.1',
  requirement: 'A fragment may end inside a character, and a text may not.',
}
const BINARIES: Group = {
  group: 'utf8 not in binary',
  rfc: '6455-5.6',
  requirement: 'A binary message has any octets.',
}

const TEXTS = [
  ['a byte order mark and a word', 'efbbbf776f7264'],
  ['a byte order mark alone', 'efbbbf'],
  ['a word with a byte order mark inside', '77efbbbf6f7264'],
  ['U+0000 and U+007F', '00617f00'],
  ['an emoji of three characters that are joined', 'f09f91a9e2808df09f91a9e2808df09f91a7'],
  ['a letter with a combining mark', '65cc81'],
] as const

const unchanged = TEXTS.flatMap(([what, digits], i) => [
  answers(
    { ...WHOLE, id: `U2.${2 * i + 1}`, title: `A text of ${what}`, send: [frame(TEXT, hex(digits)), KILL] },
    [echo(TEXT, 0)],
  ),
  answers(
    {
      ...WHOLE,
      id: `U2.${2 * i + 2}`,
      title: `A text of ${what}, in fragments of one octet and an empty last one`,
      send: [...message(TEXT, [...octets(digits).map(hex), NOTHING]), KILL],
    },
    [echo(TEXT, ...octets(digits).map((_, at) => at))],
  ),
])

const fast = OFFENDING.map(([what, before, octet], i): ExchangeCase => {
  const all = octets(before + octet)
  const fragments = all.flatMap((each, at) => [
    frame(at === 0 ? TEXT : 0, hex(each), { fin: false }),
    frame(PING, hex(at.toString(16).padStart(2, '0'))),
  ])
  const pongs = all.map((_, at) => pong(2 * at + 1))
  return {
    ...fails(
      {
        ...FAST,
        id: `U3.${i + 1}`,
        title: `A text in fragments of one octet, each with a Ping behind it, of which one is ${what}`,
        send: [...fragments, frame(0), KILL],
      },
      [1007],
      [],
      { wrongSideFails: true },
    ),
    expect: [pongs.slice(0, -1), pongs],
    verdicts: { ok: [0], nonStrict: [1], informational: false },
  }
})

const unfinished = (
  [
    ['one of two octets', 'c3'],
    ['one of three octets', 'e2'],
    ['two of three octets', 'e282'],
    ['one of four octets', 'f0'],
    ['two of four octets', 'f09f'],
    ['three of four octets', 'f09f98'],
  ] as const
).map(
  ([what, digits], i): ExchangeCase => ({
    ...fails(
      {
        ...UNFINISHED,
        id: `U4.${i + 1}`,
        title: `A text of ${what} and a Ping, an empty fragment and a Ping, then an empty last fragment`,
        send: [
          frame(TEXT, hex(digits), { fin: false }),
          frame(PING, hex('01')),
          frame(0, NOTHING, { fin: false }),
          frame(PING, hex('02')),
          frame(0),
          KILL,
        ],
      },
      [1007],
      [],
      { wrongSideFails: true },
    ),
    expect: [[pong(1), pong(3)]],
  }),
)

/** Octets that occur in no text, and sequences that do not. */
const NOT_TEXT = join(['fe', 'ff', 'c0af', 'eda080', 'f4908080', 'e282', '80'])

const binaries = [
  answers(
    {
      ...BINARIES,
      id: 'U5.1',
      title: 'A binary message of octets that are not UTF-8',
      send: [frame(BINARY, hex(NOT_TEXT)), KILL],
    },
    [echo(BINARY, 0)],
  ),
  answers(
    {
      ...BINARIES,
      id: 'U5.2',
      title: 'A binary message of octets that are not UTF-8, in fragments of one octet',
      send: [...message(BINARY, octets(NOT_TEXT).map(hex)), KILL],
    },
    [echo(BINARY, ...octets(NOT_TEXT).map((_, at) => at))],
  ),
]

/** Groups U2 to U5. */
export const textCases: readonly ExchangeCase[] = [...unchanged, ...fast, ...unfinished, ...binaries]
