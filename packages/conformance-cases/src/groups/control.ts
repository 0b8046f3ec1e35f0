// Group P: Pings and Pongs between fragments, many at once, and too long.

import type { ExchangeCase, Payload, Step } from '../case.ts'
import {
  answers,
  ascii,
  echo,
  fails,
  frame,
  type Group,
  PING,
  PONG,
  pong,
  repeat,
  shows,
  TEXT,
} from '../define.ts'

const KILL: Step = { kill: 2000 }
const PARTS = ['one', 'two', 'three', 'four'].map(ascii)
const numbered = (count: number): Payload[] => Array.from({ length: count }, (_, i) => ascii(`ping ${i}`))

const LONG: Group = {
  group: 'control frames too long',
  rfc: '6455-5.5',
  requirement: 'A control frame has at most 125 octets.',
}
const BETWEEN: Group = {
  group: 'control frames between fragments',
  rfc: '6455-5.4,5.5.2',
  requirement:
    'Control frames may come before, between and after the fragments of a message. A Ping is answered as soon as is practical.',
}
const MANY: Group = {
  group: 'many Pings',
  rfc: '6455-5.5.2,5.5.3',
  requirement: 'A Ping is answered. A Pong that answers no Ping gets no reply.',
}

/** Four fragments with a control frame in each of the five gaps. */
function inEveryGap(op: number): Step[] {
  const fragments = PARTS.map((part, i) => frame(i === 0 ? TEXT : 0, part, { fin: i === 3 }))
  return [...fragments.flatMap((step, i) => [frame(op, ascii(`gap ${i}`)), step]), frame(op, ascii('gap 4'))]
}

const long = (
  [
    ['Pong of 126 octets', frame(PONG, repeat('fe', 126))],
    ['Ping of 65536 octets', frame(PING, repeat('fe', 65_536))],
  ] as const
).map(([what, step], i) =>
  fails({ ...LONG, id: `P1.${i + 1}`, title: `A ${what}`, send: [step, KILL] }, [1002]),
)

const between: ExchangeCase[] = [
  answers(
    {
      ...BETWEEN,
      id: 'P2.1',
      title: 'A text in four fragments with a Ping in every gap',
      send: [...inEveryGap(PING), KILL],
    },
    [pong(0), pong(2), pong(4), pong(6), echo(TEXT, 1, 3, 5, 7), pong(8)],
  ),
  answers(
    {
      ...BETWEEN,
      id: 'P2.2',
      title: 'A text in four fragments with a Pong in every gap',
      send: [...inEveryGap(PONG), KILL],
    },
    [echo(TEXT, 1, 3, 5, 7)],
  ),
  {
    ...answers(
      {
        ...BETWEEN,
        id: 'P2.3',
        title: 'The first fragment of a text and a Ping, a pause, then the last fragment',
        send: [
          frame(TEXT, PARTS[0], { fin: false }),
          frame(PING, ascii('now')),
          { wait: 500, label: 'pause' },
          frame(0, PARTS[1]),
          { wait: 500, label: null },
          { close: { code: 1000 } },
          KILL,
        ],
      },
      [pong(1), { timeout: 'pause' }, echo(TEXT, 0, 3)],
      { auto: null },
    ),
    expect: [
      [pong(1), { timeout: 'pause' }, echo(TEXT, 0, 3)],
      [{ timeout: 'pause' }, pong(1), echo(TEXT, 0, 3)],
    ],
    verdicts: { ok: [0], nonStrict: [1], informational: false },
  },
]

const many: ExchangeCase[] = [
  shows(
    answers(
      {
        ...MANY,
        requirement:
          'Shows whether a peer answers each of many Pings, only the latest, or limits them: all are allowed.',
        id: 'P3.1',
        title: 'A hundred Pings in one write',
        send: [...numbered(100).map(payload => frame(PING, payload)), { kill: 5000 }],
      },
      numbered(100).map((_, i) => pong(i)),
    ),
  ),
  answers(
    {
      ...MANY,
      id: 'P3.2',
      title: 'Ten Pongs that answer no Ping, a text, ten more Pongs, then a Ping',
      send: [
        frame(PONG, ascii('unasked'), { times: 10 }),
        frame(TEXT, ascii('Hello')),
        frame(PONG, ascii('unasked'), { times: 10 }),
        frame(PING, ascii('last')),
        KILL,
      ],
    },
    [echo(TEXT, 1), pong(3)],
  ),
]

/** Group P. */
export const controlCases: readonly ExchangeCase[] = [...long, ...between, ...many]
