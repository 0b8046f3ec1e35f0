// Groups 12 and 13: compressed messages of many sizes and kinds, and the parameters of RFC 7692.

import type { DataSource, DeflateOffer, DeflateTerms, ExchangeCase } from '../case.ts'
import { answers, BINARY, echo, TEXT } from '../define.ts'

const KIB = 1024

/** The length of each message in units, and the size of its frames. */
const SIZES: readonly (readonly [length: number, fragment: number | null])[] = [
  ...[16, 64, 256, KIB, 4 * KIB, 8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB, 128 * KIB].map(
    length => [length, null] as const,
  ),
  ...[8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB, 128 * KIB].map(length => [length, 256] as const),
  ...[1024, 4096, 32_768].map(fragment => [128 * KIB, fragment] as const),
]
/** Milliseconds for a thousand messages of the first lengths; the longer ones have the last. */
const TIMES = [60_000, 60_000, 120_000, 240_000, 480_000]

const SOURCES: readonly (readonly [source: DataSource, op: 1 | 2, words: string])[] = [
  ['json', TEXT, 'JSON'],
  ['bitmap', BINARY, 'an image'],
  ['prose', BINARY, 'prose'],
  ['html', TEXT, 'an HTML page'],
  ['pdf', BINARY, 'a document'],
]

function offer(serverNoContext: boolean, serverMaxBits: number | null): DeflateOffer {
  return { clientNoContext: true, clientMaxBits: true, serverNoContext, serverMaxBits }
}

/** The parameters of a group of cases. */
function terms(clientNoContext: boolean, bits: number | null): DeflateTerms {
  return { offers: [offer(clientNoContext, bits)], accepts: [{ clientNoContext, clientMaxBits: bits }] }
}

const PLAIN = terms(false, null)

const PARAMETERS: readonly (readonly [words: string, terms: DeflateTerms])[] = [
  ['no restriction', PLAIN],
  ['no context takeover', terms(true, null)],
  ['a window of 9 bits', terms(false, 9)],
  ['a window of 15 bits', terms(false, 15)],
  ['no context takeover and a window of 9 bits', terms(true, 9)],
  ['no context takeover and a window of 15 bits', terms(true, 15)],
  [
    'a choice of three offers',
    {
      offers: [offer(true, 9), offer(true, null), offer(false, null)],
      accepts: [
        { clientNoContext: true, clientMaxBits: 9 },
        { clientNoContext: true, clientMaxBits: null },
        { clientNoContext: false, clientMaxBits: null },
      ],
    },
  ],
]

function family(
  prefix: string,
  group: string,
  source: DataSource,
  op: 1 | 2,
  deflate: DeflateTerms,
  words: string,
): ExchangeCase[] {
  const unit = op === TEXT ? 'codepoint' : 'byte'
  return SIZES.map(([length, fragment], i) =>
    answers(
      {
        id: `${prefix}.${i + 1}`,
        group,
        rfc: '7692-6,7',
        title: `A thousand compressed messages of ${length} ${unit}s ${words}${fragment === null ? '' : `, in frames of ${fragment} octets`}`,
        requirement:
          'Both sides keep the parameters that they agreed on. Every message is echoed with the same type and content.',
        connect: { path: '/', subprotocols: [], deflate },
        send: [
          { closeAfter: TIMES[i] ?? TIMES.at(-1)! },
          { rounds: { count: 1000, op, compressed: true, fragment, data: { source, length, unit } } },
        ],
        check: 'echoContent',
        verdicts: { ok: [0], nonStrict: [], informational: false, unimplemented: 'no deflate' },
        measure: 'time,ratio',
      },
      [echo(op, 1)],
    ),
  )
}

/** Groups 12 and 13. */
export const deflateCases: readonly ExchangeCase[] = [
  ...SOURCES.flatMap(([source, op, words], i) =>
    family(`12.${i + 1}`, `deflate ${source}`, source, op, PLAIN, `of ${words}`),
  ),
  ...PARAMETERS.flatMap(([words, deflate], i) =>
    family(`13.${i + 1}`, 'deflate parameters', 'json', TEXT, deflate, `with ${words}`),
  ),
]
