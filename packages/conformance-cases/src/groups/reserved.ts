// Group R: reserved bits and opcodes on every kind of frame, inside of messages, and at the header.

import type { ExchangeCase, FrameStep, Step } from '../case.ts'
import { ascii, BINARY, CLOSE, fails, frame, type Group, hex, NOTHING, PING, PONG, TEXT } from '../define.ts'

const KILL: Step = { kill: 1000 }
const HELLO = ascii('Hello')
const ONE = ascii('part-one.')
const TWO = ascii('part-two.')
const THREE = ascii('part-tri.')

const BITS: Group = {
  group: 'reserved bits anywhere',
  rfc: '6455-5.2',
  requirement: 'A reserved bit on any frame fails the connection unless an extension gives it a meaning.',
}
const INSIDE: Group = {
  group: 'reserved opcodes inside of a message',
  rfc: '6455-5.2,5.4',
  requirement: 'A frame with a reserved opcode fails the connection, also between fragments.',
}
const HEADER: Group = {
  group: 'faults of a header',
  rfc: '6455-5.2',
  requirement:
    'A header that is not valid fails the connection. A strict peer does so before the payload has arrived.',
}

/** Frames of which one has these reserved bits. */
const KINDS: readonly (readonly [what: string, create: (rsv: number) => FrameStep[]])[] = [
  ['text', rsv => [frame(TEXT, HELLO, { rsv })]],
  ['binary message', rsv => [frame(BINARY, HELLO, { rsv })]],
  ['Ping', rsv => [frame(PING, HELLO, { rsv })]],
  ['Pong', rsv => [frame(PONG, HELLO, { rsv })]],
  ['Close', rsv => [frame(CLOSE, hex('03e8'), { rsv })]],
  ['first fragment', rsv => [frame(TEXT, ONE, { fin: false, rsv }), frame(0, TWO)]],
  [
    'fragment in the middle',
    rsv => [frame(TEXT, ONE, { fin: false }), frame(0, TWO, { fin: false, rsv }), frame(0, THREE)],
  ],
  ['last fragment', rsv => [frame(TEXT, ONE, { fin: false }), frame(0, TWO, { rsv })]],
]

const bits = KINDS.flatMap(([what, create], kind) =>
  [4, 2, 1].map((rsv, bit) =>
    fails(
      {
        ...BITS,
        id: `R1.${3 * kind + bit + 1}`,
        title: `A ${what} with RSV${bit + 1}`,
        send: [...create(rsv), KILL],
      },
      [1002],
    ),
  ),
)

const inside = [3, 11].map((op, i) =>
  fails(
    {
      ...INSIDE,
      id: `R2.${i + 1}`,
      title: `The reserved opcode ${op} between two fragments`,
      send: [frame(TEXT, ONE, { fin: false }), frame(op), frame(0, TWO), KILL],
    },
    [1002],
  ),
)

const headers = (
  [
    ['the reserved opcode 3', frame(3, NOTHING, { claims: '100' })],
    ['the reserved opcode 11', frame(11, NOTHING, { claims: '100' })],
    ['RSV1 on a text', frame(TEXT, NOTHING, { rsv: 4, claims: '100' })],
    ['a continuation of nothing', frame(0, NOTHING, { claims: '100' })],
    ['a Ping without FIN', frame(PING, NOTHING, { fin: false, claims: '100' })],
    ['a Ping of 126 octets', frame(PING, NOTHING, { claims: '126' })],
  ] as const
).map(
  ([what, step], i): ExchangeCase => ({
    ...fails(
      {
        ...HEADER,
        id: `R3.${i + 1}`,
        title: `The header of ${what}, without its payload`,
        send: [step, { wait: 500, label: 'after' }, KILL],
      },
      [1002],
    ),
    expect: [[], [{ timeout: 'after' }]],
    verdicts: { ok: [0], nonStrict: [1], informational: false },
    close: {
      by: 'peer',
      clean: false,
      auto: null,
      codes: [1002],
      wrongCodeFails: false,
      wrongSideFails: false,
    },
  }),
)

/** Group R. */
export const reservedCases: readonly ExchangeCase[] = [...bits, ...inside, ...headers]
