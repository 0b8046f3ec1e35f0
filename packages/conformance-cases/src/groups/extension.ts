// Group D: compressed frames that are unusual or wrong, and parameters that groups 12 and 13 leave
// out.

import type { DeflateOffer, DeflateTerms, ExchangeCase, Payload, Step } from '../case.ts'
import {
  answers,
  ascii,
  BINARY,
  CLOSE,
  echo,
  fails,
  frame,
  type Group,
  hex,
  NOTHING,
  PING,
  PONG,
  pong,
  receives,
  repeat,
  shows,
  TEXT,
} from '../define.ts'

const RSV1 = 4
const KILL: Step = { kill: 2000 }
const UNIMPLEMENTED = { informational: false, unimplemented: 'no deflate' } as const

function terms(
  offer: Partial<DeflateOffer>,
  accept: Partial<DeflateTerms['accepts'][number]> = {},
): DeflateTerms {
  return {
    offers: [
      { clientNoContext: false, clientMaxBits: false, serverNoContext: false, serverMaxBits: null, ...offer },
    ],
    accepts: [{ clientNoContext: false, clientMaxBits: null, ...accept }],
  }
}

const connect = { path: '/', subprotocols: [], deflate: terms({}) }
const FRAMES: Group = {
  group: 'deflate frames',
  rfc: '7692-6,7.2',
  requirement:
    'The first frame of a compressed message has RSV1, and only that. Messages that are not compressed may come between. Control frames are never compressed.',
}
const WRONG: Group = {
  ...FRAMES,
  group: 'deflate frames invalid',
  requirement: 'RSV1 in the wrong place, and data that cannot be decompressed, fail the connection.',
}

const packed = (payload: Payload): Payload => ({ deflated: payload })
const TALE = ascii('again and again and again and again')
const PACKED = packed(TALE)

const right: ExchangeCase[] = (
  [
    ['A compressed text', [frame(TEXT, PACKED, { rsv: RSV1 })], [echo(TEXT, 0)]],
    [
      'A compressed binary message',
      [frame(BINARY, packed(hex('00fffefdfcfb00ff')), { rsv: RSV1 })],
      [echo(BINARY, 0)],
    ],
    ['An empty compressed text', [frame(TEXT, packed(hex('')), { rsv: RSV1 })], [echo(TEXT, 0)]],
    [
      'A text that is not compressed between two that are',
      [frame(TEXT, PACKED, { rsv: RSV1 }), frame(TEXT, TALE), frame(TEXT, PACKED, { rsv: RSV1 })],
      [echo(TEXT, 0), echo(TEXT, 1), echo(TEXT, 2)],
    ],
    [
      'A compressed text and a Ping in one write',
      [frame(TEXT, PACKED, { rsv: RSV1 }), frame(PING, TALE)],
      [echo(TEXT, 0), pong(1)],
    ],
    [
      'A compressed text in two fragments, of which the first has RSV1',
      [frame(TEXT, hex('f248cd'), { rsv: RSV1, fin: false }), frame(0, hex('c9c90700'))],
      [receives(TEXT, ascii('Hello'))],
    ],
    [
      'A compressed text in two fragments with a Ping between them',
      [frame(TEXT, hex('f248cd'), { rsv: RSV1, fin: false }), frame(PING, TALE), frame(0, hex('c9c90700'))],
      [pong(1), receives(TEXT, ascii('Hello'))],
    ],
    [
      'An empty compressed text in three fragments',
      [frame(TEXT, NOTHING, { rsv: RSV1, fin: false }), frame(0, hex('00'), { fin: false }), frame(0)],
      [receives(TEXT, NOTHING)],
    ],
  ] as const
).map(([title, steps, events], i) => ({
  ...answers({ ...FRAMES, id: `D1.${i + 1}`, title, connect, send: [...steps, KILL] }, events),
  verdicts: { ok: [0], nonStrict: [], ...UNIMPLEMENTED },
}))

/** A Pong may overtake the echo of a message that takes time to decompress. */
const overtaken: ExchangeCase[] = right.map(each => {
  const [events] = each.expect
  const pongs = events!.filter(event => 'pong' in event)
  if (pongs.length === 0) return each
  return {
    ...each,
    expect: [events!, [...pongs, ...events!.filter(event => !('pong' in event))]],
    verdicts: { ...each.verdicts, ok: [0, 1] },
    close: { ...each.close, auto: null },
    send: [...each.send.slice(0, -1), { wait: 500, label: null }, { close: { code: 1000 } }, KILL],
  }
})

const wrong: ExchangeCase[] = (
  [
    [
      'RSV1 on a continuation frame',
      [frame(TEXT, hex('61'), { fin: false }), frame(0, hex('62'), { rsv: RSV1 })],
      [1002],
    ],
    ['RSV1 on a Ping', [frame(PING, TALE, { rsv: RSV1 })], [1002]],
    ['RSV1 and RSV2 on a text', [frame(TEXT, PACKED, { rsv: 6 })], [1002]],
    [
      'A block of a type that does not exist',
      [frame(TEXT, hex('ffffff'), { rsv: RSV1 })],
      [1002, 1003, 1007, 1011],
    ],
    [
      'A stored block whose lengths contradict each other',
      [frame(TEXT, hex('000500fafe48656c6c6f00'), { rsv: RSV1 })],
      [1002, 1003, 1007, 1011],
    ],
    [
      'A reference to before the first octet',
      [frame(TEXT, hex('f200110000'), { rsv: RSV1 })],
      [1002, 1003, 1007, 1011],
    ],
    [
      'A text that is not UTF-8 once decompressed',
      [frame(TEXT, packed(hex('eda080')), { rsv: RSV1 })],
      [1007],
    ],
    [
      'A text that is an overlong slash once decompressed',
      [frame(TEXT, packed(hex('c0af')), { rsv: RSV1 })],
      [1007],
    ],
    [
      'A text that ends inside a character once decompressed',
      [frame(TEXT, packed(hex('61e282')), { rsv: RSV1 })],
      [1007],
    ],
    ['RSV1 and RSV3 on a text', [frame(TEXT, PACKED, { rsv: 5 })], [1002]],
    ['RSV1 on a Pong', [frame(PONG, TALE, { rsv: RSV1 })], [1002]],
    ['RSV1 on a Close', [frame(CLOSE, hex('03e8'), { rsv: RSV1 })], [1002]],
    [
      'A block with a code that does not exist',
      [frame(TEXT, hex('05e0819124cbb22c49e20f2e8b9a4756'), { rsv: RSV1 })],
      [1002, 1003, 1007, 1011],
    ],
  ] as const
).map(([title, steps, codes], i) => ({
  ...fails({ ...WRONG, id: `D2.${i + 1}`, title, connect, send: [...steps, KILL] }, codes),
  verdicts: { ok: [0], nonStrict: [], ...UNIMPLEMENTED },
}))

const WINDOWS: Group = {
  group: 'deflate windows',
  rfc: '7692-7.1.2',
  requirement:
    'A message refers to no octet outside of the window that was agreed. A peer that does not choose its window declines the offer.',
}
const CONTEXTS: Group = {
  group: 'deflate contexts',
  rfc: '7692-7.1.1',
  requirement: 'Without context takeover, a message refers to no octet of the messages before it.',
}

const rounds: readonly Step[] = [
  { closeAfter: 20_000 },
  {
    rounds: {
      count: 20,
      op: TEXT,
      compressed: true,
      fragment: null,
      data: { source: 'json', length: 4096, unit: 'codepoint' },
    },
  },
]

function negotiated(group: Group, id: string, title: string, deflate: DeflateTerms): ExchangeCase {
  return {
    ...answers(
      { ...group, id, title, connect: { ...connect, deflate }, check: 'echoContent', send: rounds },
      [echo(TEXT, 1)],
    ),
    verdicts: { ok: [0], nonStrict: [], ...UNIMPLEMENTED },
  }
}

const windows = [9, 10, 11, 12, 13, 14].map((bits, i) =>
  negotiated(
    WINDOWS,
    `D3.${i + 1}`,
    `Twenty messages with a window of ${bits} bits in both directions`,
    terms({ serverMaxBits: bits, clientMaxBits: bits }, { clientMaxBits: bits }),
  ),
)

const contexts = (
  [
    ['context takeover in both directions', false, false],
    ['context takeover of the server only', true, false],
    ['context takeover of the client only', false, true],
    ['no context takeover', true, true],
  ] as const
).map(([what, clientNoContext, serverNoContext], i) =>
  negotiated(
    CONTEXTS,
    `D4.${i + 1}`,
    `Twenty messages with ${what}`,
    terms({ clientNoContext, serverNoContext }, { clientNoContext }),
  ),
)

const EXAMPLES: Group = {
  group: 'deflate examples',
  rfc: '7692-7.2.3',
  requirement: 'The examples of the RFC are messages: each decompresses to Hello.',
}

const compressed = (digits: string) => frame(TEXT, hex(digits), { rsv: RSV1 })

const examples = (
  [
    ['one compressed block', ['f248cdc9c90700']],
    ['a block without compression', ['000500faff48656c6c6f00']],
    ['a block with BFINAL set', ['f348cdc9c9070000']],
    ['two blocks', ['f24805000000ffffcac9c90700']],
    ['a block with BFINAL set, and a message behind it', ['f348cdc9c9070000', 'f248cdc9c90700']],
  ] as const
).map(([what, messages], i) => ({
  ...answers(
    {
      ...EXAMPLES,
      id: `D5.${i + 1}`,
      title: `A text of ${what}`,
      connect,
      send: [...messages.map(compressed), KILL],
    },
    messages.map(() => receives(TEXT, ascii('Hello'))),
  ),
  verdicts: { ok: [0], nonStrict: [], ...UNIMPLEMENTED },
}))

const bomb = shows({
  ...fails(
    {
      group: 'deflate bombs',
      rfc: '6455-10.4;7692-8',
      requirement: 'Shows whether a peer limits what a compressed message becomes.',
      id: 'D6.1',
      title: 'A binary message of 64 MiB of zeros, compressed to 64 KiB',
      connect,
      measure: 'time',
      send: [frame(BINARY, packed(repeat('00', 64 * 2 ** 20)), { rsv: RSV1 }), { kill: 20_000 }],
    },
    [1008, 1009],
  ),
})

/** Group D. */
export const extensionCases: readonly ExchangeCase[] = [
  ...overtaken,
  ...wrong,
  ...windows,
  ...contexts,
  ...examples,
  bomb,
]
