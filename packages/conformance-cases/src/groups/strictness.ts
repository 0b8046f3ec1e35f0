// Groups C, L, M and U: close codes, lengths and slow senders, masking, and UTF-8 at the octet.

import type { Closing, ExchangeCase, Step } from '../case.ts'
import {
  answers,
  ascii,
  BINARY,
  CLOSE,
  echo,
  fails,
  frame,
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

const KILL: Step = { kill: 1000 }
const HELLO = ascii('Hello')

// ---- C: Close frames

const BY_STEP: Partial<Closing> = { auto: null, wrongCodeFails: true }
const REJECTED: Partial<Closing> = { ...BY_STEP, clean: false, codes: [1002] }
const CODES = {
  group: 'close registry',
  rfc: '6455-7.4',
  requirement:
    'A code that the registry has added since the RFC may be sent, and is answered like any other.',
}
const REASONS = {
  group: 'close reasons',
  rfc: '6455-5.5.1,8.1',
  requirement: 'The reason of a Close is UTF-8 as a whole.',
}
const SHAPES = {
  group: 'close frames',
  rfc: '6455-5.5',
  requirement: 'A Close is one control frame: it is final and has at most 125 octets.',
}

const closing: ExchangeCase[] = [
  ...[1012, 1013, 1014].map((code, i) =>
    answers(
      {
        ...CODES,
        id: `C1.${i + 1}`,
        title: `A Close with the code ${code}`,
        send: [{ close: { code } }, KILL],
      },
      [],
      { ...BY_STEP, codes: [1000, code] },
    ),
  ),
  answers(
    {
      ...CODES,
      requirement: 'The code 1015 must not be sent.',
      id: 'C1.4',
      title: 'A Close with the code 1015',
      send: [{ close: { code: 1015 } }, KILL],
    },
    [],
    REJECTED,
  ),
  ...[3001, 3333, 3998, 4001, 4444, 4998].map((code, i) =>
    answers(
      {
        ...CODES,
        requirement:
          'A Close with a code that libraries and applications may use is answered like any other.',
        id: `C1.${i + 5}`,
        title: `A Close with the code ${code}`,
        send: [{ close: { code } }, KILL],
      },
      [],
      { ...BY_STEP, codes: [1000, code] },
    ),
  ),
  ...[1, 998, 1017, 1999, 2500, 2998].map((code, i) =>
    answers(
      {
        ...CODES,
        requirement: 'A Close with a code that must not be sent is a protocol error.',
        id: `C1.${i + 11}`,
        title: `A Close with the code ${code}, which must not be sent`,
        send: [{ close: { code } }, KILL],
      },
      [],
      REJECTED,
    ),
  ),
  ...(
    [
      ['a reason of 41 characters of three octets', 'e282ac'.repeat(41), true],
      ['a reason with characters of four octets', 'f09f9880'.repeat(30), true],
      ['a reason that ends inside a character', '6f6be282', false],
      ['a reason that is one continuation octet', '80', false],
      ['a reason with an overlong slash', 'c0af', false],
      ['a reason of a byte order mark and U+0000', 'efbbbf00', true],
      ['a reason of three of four octets of a character', 'f09f98', false],
      ['a reason with a surrogate', 'eda080', false],
      ['a reason with a character beyond U+10FFFF', 'f4908080', false],
    ] as const
  ).map(([what, digits, valid], i) =>
    answers(
      {
        ...REASONS,
        id: `C2.${i + 1}`,
        title: `A Close with ${what}`,
        send: [{ close: { code: 1000, reason: hex(digits) } }, KILL],
      },
      [],
      valid ? BY_STEP : { ...REJECTED, codes: [1002, 1007] },
    ),
  ),
  fails(
    {
      ...SHAPES,
      id: 'C3.1',
      title: 'A Close without FIN',
      send: [frame(CLOSE, hex('03e8'), { fin: false }), KILL],
    },
    [1002],
  ),
  fails(
    {
      ...SHAPES,
      id: 'C3.2',
      title: 'A Close of 126 octets',
      send: [frame(CLOSE, repeat('03e8', 126)), KILL],
    },
    [1002],
  ),
  ...(
    [
      ['a frame with a reserved opcode', frame(3)],
      ['a text with reserved bits', frame(TEXT, HELLO, { rsv: 7 })],
      ['a Close of one octet', frame(CLOSE, hex('03'))],
    ] as const
  ).map(([what, step], i) =>
    answers(
      {
        ...SHAPES,
        group: 'after a Close',
        rfc: '6455-5.5.1,1.4',
        requirement: 'Nothing that follows a Close counts, whatever it is.',
        id: `C4.${i + 1}`,
        title: `A Close, then ${what}`,
        send: [{ close: { code: 1000 } }, step, KILL],
      },
      [],
      BY_STEP,
    ),
  ),
]

// ---- L: lengths

const MINIMAL = {
  group: 'length forms',
  rfc: '6455-5.2',
  requirement:
    'The length of a payload has the shortest form that fits. The most significant bit of 64 is 0.',
}
const SLOW = {
  group: 'slow senders',
  rfc: '6455-5.2,5.4',
  requirement: 'A frame that arrives slowly is a frame like any other. Pings are answered in the meantime.',
}
const MANY = Array.from({ length: 100 }, (_, i) => ascii(`message ${i}`))

const lengths: ExchangeCase[] = [
  ...(
    [
      ['A text of 5 octets with a length of 2 octets', TEXT, HELLO, 2],
      ['A text of 5 octets with a length of 8 octets', TEXT, HELLO, 8],
      ['A binary message of 125 octets with a length of 2 octets', BINARY, repeat('fe', 125), 2],
      ['A binary message of 65535 octets with a length of 8 octets', BINARY, repeat('fe', 65_535), 8],
      ['A Ping of 5 octets with a length of 2 octets', PING, HELLO, 2],
    ] as const
  ).map(([title, op, payload, lengthSize], i) =>
    fails({ ...MINIMAL, id: `L1.${i + 1}`, title, send: [frame(op, payload, { lengthSize }), KILL] }, [1002]),
  ),
  fails(
    {
      ...MINIMAL,
      id: 'L1.6',
      title: 'A binary frame whose length has the most significant bit set',
      send: [frame(BINARY, NOTHING, { lengthSize: 8, claims: '9223372036854775808' }), KILL],
    },
    [1002, 1009],
  ),
  ...(
    [
      ['2^62', '4611686018427387904'],
      ['2^53', '9007199254740992'],
      ['2^32 + 5', '4294967301'],
    ] as const
  ).map(([what, claims], i) =>
    shows(
      fails(
        {
          ...MINIMAL,
          rfc: '6455-10.4',
          requirement: 'Shows whether a peer refuses a frame that is larger than any memory at its header.',
          id: `L1.${i + 7}`,
          title: `A binary frame that claims ${what} octets, of which none follows`,
          send: [frame(BINARY, NOTHING, { lengthSize: 8, claims }), KILL],
        },
        [1002, 1008, 1009, 1011],
      ),
    ),
  ),
  answers(
    {
      ...SLOW,
      id: 'L2.1',
      title: 'A text frame in two parts with a pause between them',
      send: [
        { frameHead: { op: TEXT, fin: true, rsv: 0, length: 10 } },
        { frameBytes: HELLO },
        { wait: 500, label: null },
        { frameBytes: HELLO },
        { kill: 2000 },
      ],
    },
    [echo(TEXT, 1, 3)],
  ),
  answers(
    {
      ...SLOW,
      id: 'L2.2',
      title: 'An unfinished message with Pings and pauses, then its last fragment',
      send: [
        frame(TEXT, HELLO, { fin: false }),
        frame(PING, ascii('1')),
        { wait: 300, label: null },
        frame(PING, ascii('2')),
        { wait: 300, label: null },
        frame(0, HELLO),
        { kill: 2000 },
      ],
    },
    [pong(1), pong(3), echo(TEXT, 0, 5)],
  ),
  answers(
    {
      ...SLOW,
      group: 'many messages',
      requirement: 'Messages are delivered in order, however many arrive at once.',
      id: 'L3.1',
      title: 'A hundred texts in one write',
      send: [...MANY.map(payload => frame(TEXT, payload)), { kill: 5000 }],
    },
    MANY.map((_, i) => echo(TEXT, i)),
  ),
  answers(
    {
      ...SLOW,
      group: 'many messages',
      requirement: 'Empty messages are messages, however many arrive at once.',
      id: 'L3.2',
      title: 'A thousand empty texts in one write',
      send: [frame(TEXT, NOTHING, { times: 1000 }), { kill: 5000 }],
    },
    Array.from({ length: 1000 }, () => echo(TEXT, 0)),
  ),
  answers(
    {
      ...SLOW,
      group: 'many messages',
      requirement: 'Messages are delivered in order, whatever their sizes.',
      id: 'L3.3',
      title: 'A hundred binary messages of growing size in one write',
      send: [...MANY.map((_, i) => frame(BINARY, repeat('fe00', 7 * i))), { kill: 5000 }],
    },
    MANY.map((_, i) => echo(BINARY, i)),
  ),
]

const FRAGMENTS = {
  group: 'many fragments',
  rfc: '6455-5.4,10.4',
  measure: 'time',
}
const COUNT = 131_073

const fragments: ExchangeCase[] = [
  answers(
    {
      ...FRAGMENTS,
      requirement:
        'A message has any number of fragments. An endpoint may limit them: allow 65,537 for the test.',
      id: 'L4.1',
      title: 'A text of 65536 fragments of one octet',
      send: [
        frame(TEXT, ascii('x'), { fin: false }),
        frame(0, ascii('x'), { fin: false, times: 65_534 }),
        frame(0, ascii('x')),
        { kill: 20_000 },
      ],
    },
    [receives(TEXT, repeat('78', 65_536))],
  ),
  ...(
    [
      ['of one octet', ascii('x')],
      ['without a payload', NOTHING],
    ] as const
  ).map(([what, payload], i) =>
    shows(
      fails(
        {
          ...FRAGMENTS,
          requirement: 'Shows whether a peer limits the number of fragments of a message that never ends.',
          id: `L4.${i + 2}`,
          title: `A text of ${COUNT} fragments ${what}, of which none is the last`,
          send: [
            frame(TEXT, payload, { fin: false }),
            frame(0, payload, { fin: false, times: COUNT - 1 }),
            { kill: 20_000 },
          ],
        },
        [1008, 1009],
      ),
    ),
  ),
]

// ---- M: masking

const UNMASKED = {
  group: 'unmasked frames',
  only: 'server' as const,
  rfc: '6455-5.1',
  requirement: 'A server closes the connection when it receives a frame that is not masked.',
}
const MASKED = {
  group: 'masked frames',
  only: 'client' as const,
  rfc: '6455-5.1',
  requirement: 'A client closes the connection when it receives a frame that is masked.',
}
const KINDS = [
  ['text', TEXT],
  ['Ping', PING],
  ['Close', CLOSE],
  ['binary message', BINARY],
  ['Pong', PONG],
] as const

const masking: ExchangeCase[] = [
  ...KINDS.map(([name, op], i) =>
    fails(
      {
        ...UNMASKED,
        id: `M1.${i + 1}`,
        title: `A ${name} that is not masked`,
        send: [frame(op, op === CLOSE ? hex('03e8') : HELLO, { masked: false }), KILL],
      },
      [1002],
    ),
  ),
  ...KINDS.map(([name, op], i) =>
    fails(
      {
        ...MASKED,
        id: `M2.${i + 1}`,
        title: `A ${name} that is masked`,
        send: [frame(op, op === CLOSE ? hex('03e8') : HELLO, { masked: true }), KILL],
      },
      [1002],
    ),
  ),
  answers(
    {
      group: 'masking keys',
      only: 'client',
      rfc: '6455-5.3',
      requirement: 'A client chooses a new, unpredictable masking key for each frame.',
      id: 'M3.1',
      title: 'Thirty-two texts, whose echoes have thirty-two masking keys',
      check: 'maskingKeys',
      send: [...MANY.slice(0, 32).map(payload => frame(TEXT, payload)), { kill: 5000 }],
    },
    MANY.slice(0, 32).map((_, i) => echo(TEXT, i)),
  ),
  ...(
    [
      ['00000000', 0],
      ['ffffffff', 0xffff_ffff],
    ] as const
  ).map(([digits, maskingKey], i) =>
    answers(
      {
        group: 'masking keys of a client',
        only: 'server',
        rfc: '6455-5.3',
        requirement: 'Any masking key is valid: that it is random is for the client to see to.',
        id: `M4.${i + 1}`,
        title: `A text with the masking key ${digits}`,
        send: [frame(TEXT, HELLO, { maskingKey }), KILL],
      },
      [echo(TEXT, 0)],
    ),
  ),
]

// ---- U: the octet at which a text cannot be UTF-8 any more

/** What is wrong, the octets before, and the octet that no continuation can mend. */
export const OFFENDING: readonly (readonly [what: string, before: string, octet: string])[] = [
  ['a continuation octet at the start', '', '80'],
  ['the octet C0', 'ce', 'c0'],
  ['the octet C1', '6f6b', 'c1'],
  ['a letter after the first of two octets', 'c3', '61'],
  ['a letter after the second of three octets', 'e282', '61'],
  ['a letter after the third of four octets', 'f09f98', '61'],
  ['the second octet of an overlong sequence of three', 'e0', '9f'],
  ['the second octet of an overlong sequence of four', 'f0', '8f'],
  ['the second octet of a high surrogate', 'ed', 'a0'],
  ['the second octet of a low surrogate', 'ed', 'bf'],
  ['the second octet of a character beyond U+10FFFF', 'f4', '90'],
  ['the octet F5', '6f6b', 'f5'],
  ['the octet FF', 'f09f9880', 'ff'],
]

const octets: ExchangeCase[] = OFFENDING.map(([what, before, octet], i) => {
  const rest = ascii('and the rest of the frame')
  const length = before.length / 2 + 1 + 25
  return {
    ...fails(
      {
        group: 'utf8 at the octet',
        rfc: '6455-8.1;3629',
        requirement:
          'A text that is not UTF-8 fails the connection. A strict peer does so at the first octet that no continuation can mend, and not before it.',
        id: `U1.${i + 1}`,
        title: `A text frame in parts, of which one is ${what}`,
        send: [
          { frameHead: { op: TEXT, fin: true, rsv: 0, length } },
          ...(before === '' ? [] : [{ frameBytes: hex(before) }]),
          { wait: 200, label: 'before' },
          { frameBytes: hex(octet) },
          { wait: 500, label: 'after' },
          { frameBytes: rest },
          KILL,
        ],
      },
      [1007],
      [],
      { wrongSideFails: true },
    ),
    expect: [[{ timeout: 'before' }], [{ timeout: 'before' }, { timeout: 'after' }]],
    verdicts: { ok: [0], nonStrict: [1], informational: false },
  }
})

/** Groups C, L, M and U. */
export const strictnessCases: readonly ExchangeCase[] = [
  ...closing,
  ...lengths,
  ...fragments,
  ...masking,
  ...octets,
]
