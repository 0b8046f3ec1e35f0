// Groups 9 and 10: large messages, many fragments, small writes, round trips.

import type { ExchangeCase, Step } from '../case.ts'
import { answers, BINARY, echo, frame, repeat, TEXT } from '../define.ts'

const KIB = 1024
const MIB = KIB * KIB
const FRAGMENT_SIZES = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB]
const WHOLE_SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB]
const CHOPS = [64, 128, 256, 512, 1024, 2048]
const ROUND_SIZES = [0, 16, 64, 256, KIB, 4 * KIB]
/** Milliseconds that a thousand round trips of each size may take. */
const ROUND_TIMES = [60_000, 60_000, 60_000, 120_000, 240_000, 480_000]

const REQUIREMENT =
  'An echo endpoint handles messages of this size. An endpoint may limit messages: set its limit above 16 MiB for the test.'

interface Kind {
  readonly name: 'text' | 'binary'
  readonly op: 1 | 2
  /** The unit of large messages, and of small ones. */
  readonly unit: string
  readonly octet: string
  /** Milliseconds for each of the sizes. */
  readonly times: readonly number[]
}

const KINDS: readonly Kind[] = [
  {
    name: 'text',
    op: TEXT,
    unit: '4241736437266a683233',
    octet: '2a',
    times: [10_000, 10_000, 100_000, 100_000, 100_000, 100_000],
  },
  {
    name: 'binary',
    op: BINARY,
    unit: '00fe23faf0',
    octet: 'fe',
    times: [10_000, 10_000, 10_000, 10_000, 100_000, 100_000],
  },
]

/** The steps of one message in fragments of `size` octets. */
function fragments(op: number, octet: string, bytes: number, size: number): Step {
  const whole = bytes <= size
  return {
    fragments: {
      op,
      payload: repeat(octet, bytes),
      size,
      frames: whole ? 1 : Math.floor(bytes / size) + 1,
      lastBytes: whole ? bytes : bytes % size,
    },
  }
}

function large(
  kind: Kind,
  id: string,
  group: string,
  rfc: string,
  title: string,
  send: Step[],
): ExchangeCase {
  return answers(
    {
      id,
      group: `${group} ${kind.name}`,
      rfc,
      title,
      requirement: REQUIREMENT,
      send,
      check: 'echoLength',
      measure: 'time',
    },
    [echo(kind.op, 0)],
  )
}

const size = (bytes: number): string =>
  bytes >= MIB ? `${bytes / MIB} MiB` : bytes >= KIB ? `${bytes / KIB} KiB` : `${bytes} octets`

const whole = (kind: Kind, i: number): ExchangeCase[] =>
  WHOLE_SIZES.map((bytes, j) =>
    large(
      kind,
      `9.${i + 1}.${j + 1}`,
      'limits one frame',
      '6455-5.2,10.4',
      `A ${kind.name} message of ${size(bytes)} in one frame`,
      [frame(kind.op, repeat(kind.unit, bytes)), { closeAfter: kind.times[j]! }],
    ),
  )

const fragmented = (kind: Kind, i: number): ExchangeCase[] =>
  FRAGMENT_SIZES.map((bytes, j) =>
    large(
      kind,
      `9.${i + 3}.${j + 1}`,
      'limits fragments',
      '6455-5.4,10.4',
      `A ${kind.name} message of 4 MiB in fragments of ${size(bytes)}`,
      // Only the first of the binary messages has octets of its own.
      [fragments(kind.op, j === 0 ? kind.octet : '2a', 4 * MIB, bytes), { closeAfter: 100_000 }],
    ),
  )

const chopped = (kind: Kind, i: number): ExchangeCase[] =>
  CHOPS.map((chop, j) =>
    large(
      kind,
      `9.${i + 5}.${j + 1}`,
      'limits chopped',
      '6455-5.2,10.4',
      `A ${kind.name} message of 1 MiB in one frame, written ${chop} octets at a time`,
      [frame(kind.op, repeat(kind.unit, MIB), { chop }), { closeAfter: 1_000_000 }],
    ),
  )

const roundTrips = (kind: Kind, i: number): ExchangeCase[] =>
  ROUND_SIZES.map((bytes, j) =>
    answers(
      {
        id: `9.${i + 7}.${j + 1}`,
        group: `roundtrips ${kind.name}`,
        rfc: '6455-5.6',
        title: `A thousand ${kind.name} messages of ${size(bytes)}, each sent after the echo of the last`,
        requirement: 'Every message is echoed once, with the same type and length.',
        send: [
          { closeAfter: ROUND_TIMES[j]! },
          { rounds: { count: 1000, op: kind.op, payload: repeat(kind.octet, bytes) } },
        ],
        check: 'echoRounds',
        measure: 'time',
      },
      [echo(kind.op, 1)],
    ),
  )

const automatic = answers(
  {
    id: '10.1.1',
    group: 'auto fragmentation',
    rfc: '6455-5.4',
    title: 'A text of 64 KiB in fragments of 1300 octets',
    requirement: 'A receiver makes no assumption about the sizes of fragments.',
    send: [fragments(TEXT, '2a', 65_536, 1300), { kill: 10_000 }],
  },
  [echo(TEXT, 0)],
)

/** Groups 9 and 10. */
export const limitCases: readonly ExchangeCase[] = [
  ...[whole, fragmented, chopped, roundTrips].flatMap(family => KINDS.flatMap((kind, i) => family(kind, i))),
  automatic,
]
