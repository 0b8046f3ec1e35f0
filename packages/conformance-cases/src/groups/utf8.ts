// Group 6: texts that are UTF-8 and texts that are not.

import type { ExchangeCase, Step } from '../case.ts'
import { answers, ascii, echo, fails, frame, hex, message, NOTHING, TEXT } from '../define.ts'

const VALID = {
  rfc: '6455-5.6,8.1',
  requirement:
    'A text message is UTF-8, as a whole: a fragment may end inside a character. The echo is the same text.',
}
const INVALID = {
  rfc: '6455-5.6,8.1',
  requirement: 'A text that is not UTF-8 fails the connection, with the code 1007.',
}
const FAIL_FAST = {
  ...INVALID,
  group: 'utf8 fail fast',
  requirement:
    'A text that is not UTF-8 fails the connection. A strict peer does so at the first octet that no continuation can mend, before the message or the frame is complete.',
}
const WRONG_SIDE = { wrongSideFails: true }
const CLOSE_AFTER: Step = { closeAfter: 1000 }
const KILL: Step = { kill: 1000 }

/** Greek, then a surrogate, then ASCII. */
const GREEK = 'cebae1bdb9cf83cebcceb5'
const EDITED = '656469746564'
const BROKEN = `${GREEK}eda080${EDITED}`
const GREETING = '48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121'

const octets = (digits: string): string[] => digits.match(/../g)!

function first(
  id: string,
  group: string,
  title: string,
  ...payloads: ReturnType<typeof hex>[]
): ExchangeCase {
  const steps = message(TEXT, payloads)
  return answers({ ...VALID, group, id, title, send: [...steps, CLOSE_AFTER] }, [
    echo(TEXT, ...steps.map((_, i) => i)),
  ])
}

const basics: ExchangeCase[] = [
  first('6.1.1', 'utf8 empty', 'An empty text', NOTHING),
  first('6.1.2', 'utf8 empty', 'An empty text in three fragments', NOTHING, NOTHING, NOTHING),
  first(
    '6.1.3',
    'utf8 empty',
    'A text in the middle one of three fragments, the others empty',
    NOTHING,
    ascii('in the middle of two'),
    NOTHING,
  ),
  first('6.2.1', 'utf8 valid', 'A text with characters of two octets', hex(GREETING)),
  first(
    '6.2.2',
    'utf8 valid',
    'A text in two fragments, cut between characters',
    hex(GREETING.slice(0, 30)),
    hex(GREETING.slice(30)),
  ),
  first(
    '6.2.3',
    'utf8 valid',
    'A text in fragments of one octet and an empty last one',
    ...octets(GREETING).map(hex),
    NOTHING,
  ),
  first(
    '6.2.4',
    'utf8 valid',
    'A Greek text in fragments of one octet and an empty last one',
    ...octets(GREEK).map(hex),
    NOTHING,
  ),
  fails(
    {
      ...INVALID,
      group: 'utf8 invalid',
      id: '6.3.1',
      title: 'A text with a surrogate in it',
      send: [frame(TEXT, hex(BROKEN)), KILL],
    },
    [1007],
    [],
    WRONG_SIDE,
  ),
  fails(
    {
      ...INVALID,
      group: 'utf8 invalid',
      id: '6.3.2',
      title: 'A text with a surrogate in it, in fragments of one octet and an empty last one',
      send: [...message(TEXT, [...octets(BROKEN).map(hex), NOTHING]), KILL],
    },
    [1007],
    [],
    WRONG_SIDE,
  ),
]

const WAIT_A: Step = { wait: 1000, label: 'A' }
const WAIT_B: Step = { wait: 1000, label: 'B' }

function failFast(id: string, title: string, send: readonly Step[]): ExchangeCase {
  return {
    ...fails({ ...FAIL_FAST, id, title, send: [...send, KILL] }, [1007], [], WRONG_SIDE),
    expect: [[{ timeout: 'A' }], [{ timeout: 'A' }, { timeout: 'B' }]],
    verdicts: { ok: [0], nonStrict: [1], informational: false },
  }
}

/** A valid part, the part that breaks it, and the rest; as fragments, and as parts of one frame. */
const SPLITS = [
  ['a character beyond U+10FFFF', GREEK, 'f4908080', EDITED],
  ['the octet that makes a character exceed U+10FFFF', `${GREEK}f4`, '90', `8080${EDITED}`],
] as const

const fast: ExchangeCase[] = [
  ...SPLITS.map(([what, good, bad, rest], i) =>
    failFast(`6.4.${i + 1}`, `A text in three fragments; the second is ${what}`, [
      frame(TEXT, hex(good), { fin: false }),
      WAIT_A,
      frame(0, hex(bad), { fin: false }),
      WAIT_B,
      frame(0, hex(rest)),
    ]),
  ),
  ...SPLITS.map(([what, good, bad, rest], i) =>
    failFast(`6.4.${i + 3}`, `A text frame in three parts; the second is ${what}`, [
      { frameHead: { op: TEXT, fin: false, rsv: 0, length: 21 } },
      { frameBytes: hex(good) },
      WAIT_A,
      { frameBytes: hex(bad) },
      WAIT_B,
      { frameBytes: hex(rest) },
      frame(0),
    ]),
  ),
]

/** A text in one frame, valid or not, by its octets. */
type Row = readonly [digits: string, what: string, valid: boolean]
const ok = (digits: string, what: string): Row => [digits, what, true]
const bad = (digits: string, what: string): Row => [digits, what, false]

function table(prefix: string, group: string, rows: readonly Row[]): ExchangeCase[] {
  return rows.map(([digits, what, valid], i) => {
    const send: Step[] = [frame(TEXT, hex(digits)), { kill: 500 }]
    const named = { id: `${prefix}.${i + 1}`, group, title: `A text of ${what}`, send }
    return valid
      ? answers({ ...VALID, ...named, rfc: '6455-5.6,8.1;3629' }, [echo(TEXT, 0)])
      : fails({ ...INVALID, ...named, rfc: '6455-8.1;3629' }, [1007], [], WRONG_SIDE)
  })
}

/** All prefixes of the Greek word, of which some end inside a character. */
function prefixes(): Row[] {
  const ends = new Set([2, 5, 7, 9, 11])
  return octets(GREEK).map((_, i) => {
    const digits = GREEK.slice(0, 2 * i + 2)
    return ends.has(i + 1)
      ? ok(digits, `the first ${i + 1} octets of a Greek word, which end with a character`)
      : bad(digits, `the first ${i + 1} octets of a Greek word, which end inside a character`)
  })
}

const codePoint = (value: number): string => `U+${value.toString(16).toUpperCase().padStart(4, '0')}`
const encode = (value: number): string => {
  const bytes = new TextEncoder().encode(String.fromCodePoint(value))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
/** The three octets that would encode a surrogate, if that were allowed. */
const surrogate = (value: number): string =>
  [0xe0 | (value >> 12), 0x80 | ((value >> 6) & 0x3f), 0x80 | (value & 0x3f)]
    .map(byte => byte.toString(16))
    .join('')

const range = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, i) => start + i)
const spaced = (start: number, end: number): string =>
  range(start, end)
    .map(byte => `${byte.toString(16)}20`)
    .join('')

const SINGLE = [0xd800, 0xdb7f, 0xdb80, 0xdbff, 0xdc00, 0xdf80, 0xdfff]
const HIGH = [0xd800, 0xdb7f, 0xdb80, 0xdbff]
const LOW = [0xdc00, 0xdfff]
/** The last two code points of each plane, in the order of the cases. */
const NONCHARACTERS = range(0, 17).flatMap(plane => [plane * 0x10000 + 0xfffe, plane * 0x10000 + 0xffff])
const SPECIALS = range(0xfff9, 0x10000)

const OVERLONG_LENGTHS = ['two', 'three', 'four', 'five', 'six']
const overlong = (what: string, digits: readonly string[]): Row[] =>
  digits.map((each, i) => bad(each, `${what} in ${OVERLONG_LENGTHS[i]} octets`))

const STRAY = range(2, 7).map(count => '80bf'.repeat(4).slice(0, 2 * count))
const TRUNCATED = [
  'c0',
  'e080',
  'f08080',
  'f8808080',
  'fc80808080',
  'df',
  'efbf',
  'f7bfbf',
  'fbbfbfbf',
  'fdbfbfbfbf',
]

const tables: ExchangeCase[] = [
  ...table('6.5', 'utf8 valid samples', [
    ok('68656c6c6f24776f726c64', 'a word, $ (one octet) and a word'),
    ok('68656c6c6fc2a2776f726c64', 'a word, ¢ (two octets) and a word'),
    ok('68656c6c6fe282ac776f726c64', 'a word, € (three octets) and a word'),
    ok('68656c6c6ff0a4ada2776f726c64', 'a word, U+24B62 (four octets) and a word'),
    ok(GREEK, 'a Greek word'),
  ]),
  ...table('6.6', 'utf8 prefixes', prefixes()),
  ...table('6.7', 'utf8 first per length', [
    ok('00', 'U+0000, the first character of one octet'),
    ok('c280', 'U+0080, the first character of two octets'),
    ok('e0a080', 'U+0800, the first character of three octets'),
    ok('f0908080', 'U+10000, the first character of four octets'),
  ]),
  ...table('6.8', 'utf8 five six bytes', [
    bad('f888808080', 'a sequence of five octets, which UTF-8 does not have'),
    bad('fc8480808080', 'a sequence of six octets, which UTF-8 does not have'),
  ]),
  ...table('6.9', 'utf8 last per length', [
    ok('7f', 'U+007F, the last character of one octet'),
    ok('dfbf', 'U+07FF, the last character of two octets'),
    ok('efbfbf', 'U+FFFF, the last character of three octets'),
    ok('f48fbfbf', 'U+10FFFF, the last character of four octets'),
  ]),
  ...table('6.10', 'utf8 beyond range', [
    bad('f7bfbfbf', 'the largest sequence of four octets, beyond U+10FFFF'),
    bad('fbbfbfbfbf', 'the largest sequence of five octets'),
    bad('fdbfbfbfbfbf', 'the largest sequence of six octets'),
  ]),
  ...table('6.11', 'utf8 boundaries', [
    ok('ed9fbf', 'U+D7FF, the last character before the surrogates'),
    ok('ee8080', 'U+E000, the first character after the surrogates'),
    ok('efbfbd', 'U+FFFD, the replacement character'),
    ok('f48fbfbf', 'U+10FFFF, the last character'),
    bad('f4908080', 'the sequence after the last character'),
  ]),
  ...table('6.12', 'utf8 stray continuation', [
    bad('80', 'the first continuation octet alone'),
    bad('bf', 'the last continuation octet alone'),
    ...STRAY.map((digits, i) => bad(digits, `${i + 2} continuation octets alone`)),
    bad(
      range(0x80, 0xbf)
        .map(byte => byte.toString(16))
        .join(''),
      'nearly all continuation octets, in order',
    ),
  ]),
  ...table('6.13', 'utf8 lone lead bytes', [
    bad(spaced(0xc0, 0xdf), 'first octets of two, each before a space'),
    bad(spaced(0xe0, 0xef), 'first octets of three, each before a space'),
    bad(spaced(0xf0, 0xf7), 'first octets of four, each before a space'),
    bad(spaced(0xf8, 0xfb), 'first octets of five, each before a space'),
    bad(spaced(0xfc, 0xfd), 'a first octet of six before a space'),
  ]),
  ...table('6.14', 'utf8 truncated', [
    ...TRUNCATED.map((digits, i) =>
      bad(
        digits,
        `a ${i < 5 ? 'smallest' : 'largest'} sequence of ${OVERLONG_LENGTHS[i % 5]} octets without its last`,
      ),
    ),
  ]),
  ...table('6.15', 'utf8 truncated joined', [
    bad(TRUNCATED.join(''), 'ten sequences without their last octets'),
  ]),
  ...table('6.16', 'utf8 impossible bytes', [
    bad('fe', 'the octet FE, which never occurs'),
    bad('ff', 'the octet FF, which never occurs'),
    bad('fefeffff', 'the octets FE and FF, each twice'),
  ]),
  ...table(
    '6.17',
    'utf8 overlong slash',
    overlong('the slash', ['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af']),
  ),
  ...table(
    '6.18',
    'utf8 overlong maximum',
    overlong('the largest character of one octet less', [
      'c1bf',
      'e09fbf',
      'f08fbfbf',
      'f887bfbfbf',
      'fc83bfbfbfbf',
    ]),
  ),
  ...table(
    '6.19',
    'utf8 overlong nul',
    overlong('U+0000', ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080']),
  ),
  ...table(
    '6.20',
    'utf8 surrogate single',
    SINGLE.map(value => bad(surrogate(value), `the surrogate ${codePoint(value)} alone`)),
  ),
  ...table(
    '6.21',
    'utf8 surrogate pair',
    HIGH.flatMap(high =>
      LOW.map(low =>
        bad(surrogate(high) + surrogate(low), `the surrogates ${codePoint(high)} and ${codePoint(low)}`),
      ),
    ),
  ),
  ...table(
    '6.22',
    'utf8 noncharacters',
    NONCHARACTERS.map(value => ok(encode(value), `the noncharacter ${codePoint(value)}`)),
  ),
  ...table(
    '6.23',
    'utf8 specials',
    SPECIALS.map(value => ok(encode(value), `${codePoint(value)} of the specials block`)),
  ),
]

/** Group 6. */
export const utf8Cases: readonly ExchangeCase[] = [...basics, ...fast, ...tables]
