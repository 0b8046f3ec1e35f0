// Groups 1 to 5: message types and lengths, pings, reserved bits, reserved opcodes, fragments.

import type { ExchangeCase, Step } from '../case.ts'
import {
  answers,
  ascii,
  BINARY,
  CLOSE,
  echo,
  fails,
  frame,
  hex,
  message,
  NOTHING,
  PING,
  PONG,
  pong,
  repeat,
  TEXT,
  WRITINGS,
} from '../define.ts'

const FRAMING = {
  rfc: '6455-5.2,5.6',
  requirement:
    'A data frame carries a whole message, whichever of the three length forms its header has. The echo has the same type and payload.',
}
const LENGTHS = [0, 125, 126, 127, 128, 65_535, 65_536]

function framing(prefix: string, kind: 'text' | 'binary', op: number, octet: string): ExchangeCase[] {
  const group = { ...FRAMING, group: `framing ${kind}` }
  const payload = (bytes: number) => (bytes === 0 ? NOTHING : repeat(octet, bytes))
  const kill = (bytes: number): Step => ({ kill: bytes > 128 ? 10_000 : 1000 })
  const whole = LENGTHS.map((bytes, i) =>
    answers(
      {
        ...group,
        id: `${prefix}.${i + 1}`,
        title: `A ${kind} message of ${bytes} octets in one frame`,
        send: [frame(op, payload(bytes)), kill(bytes)],
      },
      [echo(op, 0)],
    ),
  )
  const chopped = answers(
    {
      ...group,
      id: `${prefix}.8`,
      title: `A ${kind} message of 65536 octets in one frame, written 997 octets at a time`,
      send: [frame(op, payload(65_536), { chop: 997 }), kill(65_536)],
    },
    [echo(op, 0)],
  )
  return [...whole, chopped]
}

const PINGS = {
  group: 'ping pong',
  rfc: '6455-5.5.2,5.5.3',
  requirement:
    'A Ping is answered with a Pong that has the same payload. Control frames have at most 125 octets.',
}
const UNASKED = {
  ...PINGS,
  rfc: '6455-5.5.3',
  requirement: 'A Pong that answers no Ping is a one-way heartbeat: it gets no reply and no error.',
}
const NUMBERED = Array.from({ length: 10 }, (_, i) => ascii(`heartbt-${i}`))
const UNASKED_PAYLOAD = ascii('a heartbeat, no question')

function oneSecond(...steps: Step[]): Step[] {
  return [...steps, { closeAfter: 1000 }]
}

const pings: ExchangeCase[] = [
  ...(
    [
      ['An empty Ping', NOTHING],
      ['A Ping with a text of 13 octets', ascii('are you here?')],
      ['A Ping with octets that are not UTF-8', hex('00fffefdfcfb00ff')],
      ['A Ping with the longest payload, 125 octets', repeat('fe', 125)],
    ] as const
  ).map(([title, payload], i) =>
    answers({ ...PINGS, id: `2.${i + 1}`, title, send: oneSecond(frame(PING, payload)) }, [pong(0)]),
  ),
  fails(
    {
      ...PINGS,
      rfc: '6455-5.5',
      id: '2.5',
      title: 'A Ping of 126 octets, one more than a control frame may have',
      send: [frame(PING, repeat('fe', 126)), { kill: 1000 }],
    },
    [1002],
  ),
  answers(
    {
      ...PINGS,
      id: '2.6',
      title: 'A Ping of 125 octets, written octet by octet',
      send: [frame(PING, repeat('fe', 125), { chop: 1 }), { closeAfter: 2000 }],
    },
    [pong(0)],
  ),
  ...(
    [
      ['2.7', 'An empty Pong that answers no Ping', NOTHING],
      ['2.8', 'A Pong with a payload that answers no Ping', UNASKED_PAYLOAD],
    ] as const
  ).map(([id, title, payload]) =>
    answers({ ...UNASKED, id, title, send: oneSecond(frame(PONG, payload), { close: { code: 1000 } }) }, [], {
      auto: null,
    }),
  ),
  answers(
    {
      ...PINGS,
      id: '2.9',
      title: 'A Pong that answers no Ping, then a Ping',
      send: oneSecond(frame(PONG, UNASKED_PAYLOAD), frame(PING, ascii('now a Ping !'))),
    },
    [pong(1)],
  ),
  ...(
    [
      ['2.10', 'Ten Pings in one write', {}],
      ['2.11', 'Ten Pings, written octet by octet', { chop: 1 }],
    ] as const
  ).map(([id, title, writing]) =>
    answers(
      {
        ...PINGS,
        id,
        title,
        send: [...NUMBERED.map(payload => frame(PING, payload, writing)), { closeAfter: 3000 }],
      },
      NUMBERED.map((_, i) => pong(i)),
    ),
  ),
]

const HELLO = ascii('Hello, world!')
const OCTETS = hex('00fffefdfcfb00ff')
const LONGER = ascii('a longer text, reserved')

const RESERVED_BITS = {
  group: 'reserved bits',
  rfc: '6455-5.2',
  requirement:
    'A reserved bit must be 0 unless an extension gives it a meaning. None was negotiated, so the connection fails. What came before is still answered.',
}

const reservedBits: ExchangeCase[] = [
  ...WRITINGS.map(([words, writing], i) => ({ words, writing, rsv: i + 2, id: `3.${i + 2}` })).map(
    ({ words, writing, rsv, id }) =>
      fails(
        {
          ...RESERVED_BITS,
          id,
          title: `A text, a text with reserved bits ${bits(rsv)} and a Ping, ${words}`,
          send: [
            frame(TEXT, HELLO, writing),
            frame(TEXT, HELLO, { rsv, ...writing }),
            frame(PING, NOTHING, writing),
            { kill: 1000 },
          ],
        },
        [1002],
        [echo(TEXT, 0)],
      ),
  ),
  ...(
    [
      ['3.1', 'A text', TEXT, HELLO, 1],
      ['3.5', 'A binary message', BINARY, OCTETS, 5],
      ['3.6', 'A binary message of ASCII', BINARY, HELLO, 6],
      ['3.7', 'An empty Close', CLOSE, NOTHING, 7],
    ] as const
  ).map(([id, what, op, payload, rsv]) =>
    fails(
      {
        ...RESERVED_BITS,
        id,
        title: `${what} with reserved bits ${bits(rsv)}`,
        send: [frame(op, payload, { rsv }), { kill: 1000 }],
      },
      [1002],
    ),
  ),
]

function bits(rsv: number): string {
  return rsv.toString(2).padStart(3, '0')
}

function reservedOpcodes(prefix: string, kind: 'data' | 'control', first: number): ExchangeCase[] {
  const group = {
    group: `reserved ${kind} opcode`,
    rfc: '6455-5.2',
    requirement:
      'A frame with an opcode that no standard defines fails the connection. What came before is still answered.',
  }
  const alone = [NOTHING, LONGER].map((payload, i) =>
    fails(
      {
        ...group,
        id: `${prefix}.${i + 1}`,
        title: `A frame with the reserved opcode ${first + i}${i === 0 ? ', empty' : ' and a payload'}`,
        send: [frame(first + i, payload), { kill: 1000 }],
      },
      [1002],
    ),
  )
  const between = [NOTHING, HELLO, HELLO].map((payload, i) => {
    const writing = i === 2 ? { chop: 1 } : {}
    return fails(
      {
        ...group,
        id: `${prefix}.${i + 3}`,
        title: `A text, a frame with the reserved opcode ${first + i + 2} and a Ping${i === 2 ? ', written octet by octet' : ''}`,
        send: [
          frame(TEXT, HELLO, writing),
          frame(first + i + 2, payload, writing),
          frame(PING, NOTHING, writing),
          { kill: 1000 },
        ],
      },
      [1002],
      [echo(TEXT, 0)],
    )
  })
  return [...alone, ...between]
}

const FRAGMENTS = {
  group: 'fragmentation',
  rfc: '6455-5.4',
  requirement:
    'The fragments of a message arrive in order, and only control frames may come between them. The first has the opcode of the message, all others have opcode 0.',
}
const CONTROL = {
  ...FRAGMENTS,
  rfc: '6455-5.4,5.5',
  requirement: 'A control frame must not be fragmented.',
}
const parts = ['part-one.', 'part-two.', 'part-tri.', 'part-four'].map(ascii)
const [ONE, TWO, THREE, FOUR] = parts as [Part, Part, Part, Part]
type Part = (typeof parts)[number]
const PING_BETWEEN = ascii('ping between')
const KILL: Step = { kill: 1000 }
const CLOSE_AFTER: Step = { closeAfter: 1000 }

/** Three fragments of which the first is a continuation of nothing, twice. */
function twice(fin: boolean): Step[] {
  const steps = [frame(0, ONE, { fin }), frame(TEXT, TWO, { fin: false }), frame(0, THREE)]
  return [...steps, ...steps, KILL]
}

const fragmentation: ExchangeCase[] = [
  ...([PING, PONG] as const).map((op, i) =>
    fails(
      {
        ...CONTROL,
        id: `5.${i + 1}`,
        title: `A ${op === PING ? 'Ping' : 'Pong'} in two fragments`,
        send: [...message(op, [ONE, TWO]), KILL],
      },
      [1002],
    ),
  ),
  ...WRITINGS.map(([words, writing], i) =>
    answers(
      {
        ...FRAGMENTS,
        id: `5.${i + 3}`,
        title: `A text in two fragments, ${words}`,
        send: [...message(TEXT, [ONE, TWO], writing), CLOSE_AFTER],
      },
      [echo(TEXT, 0, 1)],
    ),
  ),
  ...WRITINGS.map(([words, writing], i) =>
    answers(
      {
        ...FRAGMENTS,
        id: `5.${i + 6}`,
        title: `A text in two fragments with a Ping between them, ${words}`,
        send: [
          frame(TEXT, ONE, { fin: false, ...writing }),
          frame(PING, PING_BETWEEN, writing),
          frame(0, TWO, writing),
          CLOSE_AFTER,
        ],
      },
      [pong(1), echo(TEXT, 0, 2)],
    ),
  ),
  ...[true, false].flatMap((fin, block) =>
    WRITINGS.map(([words, writing], i) =>
      fails(
        {
          ...FRAGMENTS,
          id: `5.${9 + 3 * block + i}`,
          title: `A continuation of nothing ${fin ? 'with FIN' : 'without FIN'}, then a text, ${words}`,
          send: [
            frame(0, ascii('continuation of nothing!'), { fin, ...writing }),
            frame(TEXT, HELLO, writing),
            KILL,
          ],
        },
        [1002],
      ),
    ),
  ),
  fails(
    {
      ...FRAGMENTS,
      id: '5.15',
      title: 'A text in two fragments, then a continuation of nothing without FIN, then a text',
      send: [...message(TEXT, [ONE, TWO]), frame(0, THREE, { fin: false }), frame(TEXT, FOUR), KILL],
    },
    [1002],
    [echo(TEXT, 0, 1)],
  ),
  fails(
    {
      ...FRAGMENTS,
      id: '5.16',
      title: 'Twice: a continuation of nothing without FIN, then a text in two fragments',
      send: twice(false),
    },
    [1002],
  ),
  fails(
    {
      ...FRAGMENTS,
      id: '5.17',
      title: 'Twice: a continuation of nothing with FIN, then a text in two fragments',
      send: twice(true),
    },
    [1002],
  ),
  fails(
    {
      ...FRAGMENTS,
      id: '5.18',
      title: 'A text in two frames that both have the opcode of text',
      send: [frame(TEXT, ONE, { fin: false }), frame(TEXT, TWO), KILL],
    },
    [1002],
  ),
  ...WRITINGS.slice(0, 2).map(([words, writing], i) =>
    answers(
      {
        ...FRAGMENTS,
        id: `5.${19 + i}`,
        title: `A text in five fragments with two Pings between them and a pause, ${words}`,
        send: [
          frame(TEXT, ONE, { fin: false, ...writing }),
          frame(0, TWO, { fin: false, ...writing }),
          frame(PING, ascii('ping-one.'), writing),
          { wait: 1000, label: null },
          frame(0, THREE, { fin: false, ...writing }),
          frame(0, FOUR, { fin: false, ...writing }),
          frame(PING, ascii('ping-two.'), writing),
          frame(0, ascii('part-five'), writing),
          CLOSE_AFTER,
        ],
      },
      [pong(2), pong(6), echo(TEXT, 0, 1, 4, 5, 7)],
    ),
  ),
]

/** Groups 1 to 5. */
export const framingCases: readonly ExchangeCase[] = [
  ...framing('1.1', 'text', TEXT, '2a'),
  ...framing('1.2', 'binary', BINARY, 'fe'),
  ...pings,
  ...reservedBits,
  ...reservedOpcodes('4.1', 'data', 3),
  ...reservedOpcodes('4.2', 'control', 11),
  ...fragmentation,
]
