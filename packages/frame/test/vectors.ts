// Streams of bytes and the expected result of decoding, by section of RFC 6455. Ids such as F7 are
// rows of docs/hostile-inputs.md. The bytes are written by hand, without the code under test.

import { concat, hex, utf8 } from '@ws/testing'
import type { ClosePayload, Role } from '../src/index.ts'

export interface ExpectedFrame {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly payload: Uint8Array
  /** False for an incomplete frame; `payload` is then the part received. */
  readonly whole: boolean
  readonly close?: ClosePayload
}

interface Fault {
  readonly closeCode: 1002 | 1007 | 1009
  /** A part of the error's message. */
  readonly message: string
}

/**
 * A stream, the role that reads it, and the expected frames and error.
 */
export interface Vector {
  readonly section: keyof typeof SECTIONS
  readonly name: string
  readonly role: Role
  /** The reserved bits of an extension. */
  readonly reservedBits: number
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly expect: { readonly frames: readonly ExpectedFrame[]; readonly fault?: Fault }
}

export const SECTIONS = {
  '§5.1': 'Overview: who masks',
  '§5.2': 'Base Framing Protocol',
  '§5.3': 'Client-to-Server Masking',
  '§5.5': 'Control Frames',
  '§5.5.1': 'Close',
  '§5.5.2': 'Ping',
  '§5.5.3': 'Pong',
  '§5.6': 'Data Frames',
  '§5.7': 'Examples',
  '§7.4': 'Status Codes',
} as const

/**
 * A frame, with its header in hexadecimal as a server sends it, without the MASK bit and key.
 */
interface Part {
  readonly header: string
  readonly payload: Uint8Array
  /** The masking key in frames to a server. */
  readonly key: string
  /** The expected frame; undefined if its header is rejected. */
  readonly expected?: ExpectedFrame
}

type Section = Vector['section']

const ROLES = ['server', 'client'] as const
/** The masking key of the RFC's examples. */
const KEY = '37fa213d'

const CONTROL = [
  { opcode: 8, name: 'Close' },
  { opcode: 9, name: 'ping' },
  { opcode: 10, name: 'pong' },
] as const

/** Lengths at which the header changes its form, and that field without the MASK bit. */
const LENGTHS = [
  [0, '00'],
  [1, '01'],
  [125, '7d'],
  [126, '7e 007e'],
  [127, '7e 007f'],
  [65_535, '7e ffff'],
  [65_536, '7f 0000000000010000'],
  [65_537, '7f 0000000000010001'],
] as const

const MORE_THAN_NEEDED = [
  [0, '7e 0000'],
  [2, '7e 0002'],
  [125, '7e 007d'],
  [0, '7f 0000000000000000'],
  [200, '7f 00000000000000c8'],
  [65_535, '7f 000000000000ffff'],
] as const

const RESERVED_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 32_768, 65_535]
const LEGAL_CODES = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014],
  ...[3000, 3999, 4000, 4999],
]

const hello = utf8('Hello')
const before = frame('81 02', utf8('ok'), { opcode: 1 })
const after = frame('81 05', utf8('never'))

export const vectors: readonly Vector[] = [
  // §5.1
  ...[0, 1, 2, 8, 9, 10].flatMap(opcode => {
    const bytes = (second: number) => Uint8Array.of(0x80 | opcode, second, 0, 0, 0, 0)
    const [unmasked, masked] = [
      'unmasked frame from a client (RFC 6455 §5.1)',
      'masked frame from a server (RFC 6455 §5.1)',
    ]
    return [
      broken(
        '§5.1',
        `F3: a client does not mask opcode ${opcode}`,
        'server',
        bytes(0),
        protocolError(unmasked),
      ),
      broken('§5.1', `F16: a server masks opcode ${opcode}`, 'client', bytes(0x80), protocolError(masked)),
    ]
  }),
  broken(
    '§5.1',
    'F16: a server masks with the key 0',
    'client',
    hex('81 81 00000000 61'),
    protocolError('masked frame'),
  ),
  ...ROLES.flatMap(role => {
    const other = role === 'server' ? 'client' : 'server'
    const good = vector('§5.1', 'the second of three frames has the wrong mask', role, [before])
    const bad = vector('§5.1', '', other, [frame('81 05', hello)])
    const bytes = concat(good.bytes, bad.bytes, good.bytes)
    return { ...good, bytes, expect: { ...good.expect, fault: protocolError('(RFC 6455 §5.1)') } }
  }),

  // §5.2
  ...LENGTHS.flatMap(([length, field]) =>
    legal('§5.2', `a payload of ${length} bytes`, frame(`82 ${field}`, pattern(length), { opcode: 2 })),
  ),
  ...LENGTHS.slice(0, 5).flatMap(([length, field]) =>
    legal(
      '§5.2',
      `two fragments of ${length} bytes, with another frame behind`,
      frame(`01 ${field}`, pattern(length), { opcode: 1, fin: false }),
      frame(`80 ${field}`, pattern(length), { opcode: 0 }),
      frame('82 02', hex('0102'), { opcode: 2 }),
    ),
  ),
  ...MORE_THAN_NEEDED.flatMap(([length, field]) =>
    illegal(
      '§5.2',
      `F7: ${length} bytes written as ${field}`,
      protocolError('length not encoded in the minimal number of bytes (RFC 6455 §5.2)'),
      before,
      frame(`82 ${field}`, pattern(length)),
    ),
  ),
  ...['8000000000000000', '8000000000000005', 'ffffffffffffffff'].flatMap(field =>
    illegal(
      '§5.2',
      `F8: a length of ${field}`,
      protocolError('most significant bit of a 64-bit length set (RFC 6455 §5.2)'),
      before,
      frame(`82 7f ${field}`, hello),
    ),
  ),
  ...['0020000000000000', '0020000000000001', '7fffffffffffffff'].flatMap(field =>
    illegal(
      '§5.2',
      `F9: a length of ${field} is more than a number can count`,
      { closeCode: 1009, message: 'payload longer than 2^53 − 1 bytes (RFC 6455 §7.4.1)' },
      before,
      frame(`82 7f ${field}`, hello),
    ),
  ),
  ...['001fffffffffffff', '0000000100000005', '0000000080000000'].flatMap(field =>
    legal(
      '§5.2',
      `F9: a length of ${field} is legal, and part of its payload arrives`,
      frame(`82 7f ${field}`, hello, { opcode: 2, whole: false }),
    ),
  ),
  ...[
    ['F1: RSV2', 'a1', 'RSV2'],
    ['F1: RSV3', '91', 'RSV3'],
    ['F2: RSV1', 'c1', 'RSV1'],
    ['all three reserved bits', 'f1', 'RSV1'],
    ['RSV1 on a control frame', 'c9', 'RSV1'],
    ['RSV1 on a continuation', '40', 'RSV1'],
  ].flatMap(([name, first, bit]) =>
    illegal(
      '§5.2',
      `${name} without an extension`,
      protocolError(`reserved bit ${bit} set without an extension (RFC 6455 §5.2)`),
      before,
      frame(`${first} 05`, hello),
    ),
  ),
  ...legal('§5.2', 'RSV1 of an extension', frame('c1 05', hello, { opcode: 1, rsv: 4 })).map(extended),
  ...illegal('§5.2', 'RSV2 beside it', protocolError('reserved bit'), frame('e1 05', hello)).map(extended),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap(opcode =>
    illegal(
      '§5.2',
      `F4: opcode ${opcode}`,
      protocolError(`unknown opcode ${opcode} (RFC 6455 §5.2)`),
      before,
      frame(`8${opcode.toString(16)} 05`, hello),
    ),
  ),
  ...legal('§5.2', 'F12: an empty text', frame('81 00', hex(''), { opcode: 1 })),
  ...legal('§5.2', 'F12: an empty binary', frame('82 00', hex(''), { opcode: 2 })),
  ...legal('§5.2', 'F12: an empty ping', frame('89 00', hex(''), { opcode: 9 })),
  ...legal(
    '§5.2',
    'T11: a thousand empty texts',
    ...Array.from({ length: 1000 }, () => frame('81 00', hex(''), { opcode: 1 })),
  ),
  ...legal('§5.2', 'nothing at all'),

  // §5.3
  ...['00000000', 'ffffffff', '80000000', '00000001', '01020304'].map(key =>
    vector('§5.3', `${key === '00000000' ? 'F11: ' : ''}masked with ${key}`, 'server', [
      { ...frame('82 7e 0101', pattern(257), { opcode: 2 }), key },
    ]),
  ),
  vector(
    '§5.3',
    'every frame has a key of its own, and its payload begins at the first byte of it',
    'server',
    Array.from({ length: 9 }, (_, length) => ({
      ...frame(`82 0${length}`, pattern(length), { opcode: 2 }),
      key: `a${length}b${length}c${length}d${length}`,
    })),
  ),

  // §5.5
  ...CONTROL.flatMap(({ opcode, name }) => [
    ...illegal(
      '§5.5',
      `F5: a ${name} without FIN`,
      protocolError('fragmented control frame (RFC 6455 §5.5)'),
      before,
      frame(`0${opcode.toString(16)} 02`, hex('03e8')),
    ),
    ...LENGTHS.filter(([length]) => length > 125).flatMap(([length, field]) =>
      illegal(
        '§5.5',
        `F6: a ${name} of ${length} bytes`,
        protocolError('control frame longer than 125 bytes (RFC 6455 §5.5)'),
        before,
        frame(`8${opcode.toString(16)} ${field}`, pattern(length)),
      ),
    ),
    ...illegal(
      '§5.5',
      `F6: a ${name} of 2 bytes in a 16-bit length`,
      protocolError('control frame longer than 125 bytes (RFC 6455 §5.5)'),
      frame(`8${opcode.toString(16)} 7e 0002`, hex('03e8')),
    ),
  ]),
  ...legal(
    '§5.5',
    'G3: control frames in the middle of a fragmented message, in their order',
    frame('01 03', utf8('Hel'), { opcode: 1, fin: false }),
    frame('89 02', utf8('p1'), { opcode: 9 }),
    frame('8a 02', utf8('p2'), { opcode: 10 }),
    frame('88 02', hex('03e8'), { opcode: 8, close: { code: 1000, reason: '' } }),
    frame('80 02', utf8('lo'), { opcode: 0 }),
  ),

  // §5.5.1
  ...legal('§5.5.1', 'C1: an empty Close', closeFrame('88 00', hex(''), { code: 1005, reason: '' })),
  ...legal('§5.5.1', 'a code alone', closeFrame('88 02', hex('03e9'), { code: 1001, reason: '' })),
  ...legal(
    '§5.5.1',
    'a code and a reason',
    closeFrame('88 08', concat(hex('0fa0'), utf8('schön')), { code: 4000, reason: 'schön' }),
  ),
  ...legal(
    '§5.5.1',
    'a reason of 123 bytes',
    closeFrame('88 7d', concat(hex('03e8'), utf8('€'.repeat(41))), { code: 1000, reason: '€'.repeat(41) }),
  ),
  ...legal(
    '§5.5.1',
    'U5: a byte order mark and NUL in a reason',
    closeFrame('88 07', hex('03e8 efbbbf 00 61'), { code: 1000, reason: '\ufeff\0a' }),
  ),
  ...illegal(
    '§5.5.1',
    'C2: one byte',
    protocolError('Close frame with a payload of one byte (RFC 6455 §5.5.1)'),
    before,
    closeFrame('88 01', hex('03')),
    after,
  ),
  ...['c0af', 'eda080', 'f4908080', '80', 'e282', '48656c6cff'].flatMap(reason =>
    illegal(
      '§5.5.1',
      `U4: a reason of ${reason}`,
      { closeCode: 1007, message: 'close reason is not UTF-8 (RFC 6455 §8.1)' },
      before,
      closeFrame(`88 0${2 + reason.length / 2}`, hex(`03e8${reason}`)),
      after,
    ),
  ),
  ...legal(
    '§5.5.1',
    'C5, C8: what comes after a Close is read like anything else; to ignore it is for the layer above',
    closeFrame('88 02', hex('03e8'), { code: 1000, reason: '' }),
    closeFrame('88 02', hex('03e9'), { code: 1001, reason: '' }),
    frame('81 05', hello, { opcode: 1 }),
  ),

  // §5.5.2
  ...legal('§5.5.2', 'a ping with application data', frame('89 05', hello, { opcode: 9 })),
  ...legal('§5.5.2', 'F13: a ping of 125 bytes', frame('89 7d', pattern(125), { opcode: 9 })),
  ...legal(
    '§5.5.2',
    'F13: pings in their order',
    ...['one', 'two', 'six'].map(text => frame('89 03', utf8(text), { opcode: 9 })),
  ),

  // §5.5.3
  ...legal('§5.5.3', 'F14: an unsolicited pong', frame('8a 05', hello, { opcode: 10 })),
  ...legal('§5.5.3', 'an empty pong', frame('8a 00', hex(''), { opcode: 10 })),
  ...legal('§5.5.3', 'a pong of 125 bytes', frame('8a 7d', pattern(125), { opcode: 10 })),

  // §5.6
  ...legal(
    '§5.6',
    'U2: a code point split between frames: "a particular text frame might include a partial UTF-8 sequence"',
    frame('01 02', hex('e282'), { opcode: 1, fin: false }),
    frame('80 01', hex('ac'), { opcode: 0 }),
  ),
  ...legal(
    '§5.6',
    'U5: a byte order mark and NUL in a text',
    frame('81 05', hex('efbbbf 00 61'), { opcode: 1 }),
  ),
  ...legal(
    '§5.6',
    'U1: invalid UTF-8 is rejected by the layer above',
    frame('81 02', hex('c0af'), { opcode: 1 }),
  ),
  ...legal('§5.6', 'a binary of every byte', frame('82 7e 0100', pattern(256), { opcode: 2 })),
  ...legal(
    '§5.6',
    'G1, G2: the order of fragments is checked by the layer above',
    frame('80 02', utf8('no'), { opcode: 0 }),
    frame('01 02', utf8('be'), { opcode: 1, fin: false }),
    frame('02 02', utf8('gi'), { opcode: 2, fin: false }),
  ),
  ...legal(
    '§5.6',
    'G8: an empty first fragment',
    frame('01 00', hex(''), { opcode: 1, fin: false }),
    frame('80 05', hello, { opcode: 0 }),
  ),

  // §5.7, byte for byte as printed there
  example('a single-frame unmasked text message', 'client', '81 05 48656c6c6f', [
    { opcode: 1, payload: hello },
  ]),
  example('a single-frame masked text message', 'server', '81 85 37fa213d 7f9f4d5158', [
    { opcode: 1, payload: hello },
  ]),
  example('a fragmented unmasked text message', 'client', '01 03 48656c  80 02 6c6f', [
    { opcode: 1, fin: false, payload: utf8('Hel') },
    { opcode: 0, payload: utf8('lo') },
  ]),
  example('an unmasked ping request', 'client', '89 05 48656c6c6f', [{ opcode: 9, payload: hello }]),
  example('a masked ping response', 'server', '8a 85 37fa213d 7f9f4d5158', [{ opcode: 10, payload: hello }]),
  example('256 bytes of binary in a single unmasked frame', 'client', `82 7e 0100 ${'ab'.repeat(256)}`, [
    { opcode: 2, payload: new Uint8Array(256).fill(0xab) },
  ]),
  example(
    '64 KiB of binary in a single unmasked frame',
    'client',
    `82 7f 0000000000010000 ${'ab'.repeat(65_536)}`,
    [{ opcode: 2, payload: new Uint8Array(65_536).fill(0xab) }],
  ),
  broken(
    '§5.7',
    'the unmasked text, from a client',
    'server',
    hex('81 05 48656c6c6f'),
    protocolError('unmasked frame'),
  ),
  broken(
    '§5.7',
    'the masked text, from a server',
    'client',
    hex('81 85 37fa213d 7f9f4d5158'),
    protocolError('masked frame'),
  ),

  // §7.4
  ...RESERVED_CODES.flatMap(code =>
    illegal(
      '§7.4',
      `C3: ${code}`,
      protocolError(`close code ${code} must not be sent (RFC 6455 §7.4)`),
      before,
      closeFrame('88 02', Uint8Array.of(code >> 8, code & 0xff)),
      after,
    ),
  ),
  ...LEGAL_CODES.flatMap(code =>
    legal(
      '§7.4',
      `C4: ${code}`,
      closeFrame('88 02', Uint8Array.of(code >> 8, code & 0xff), { code, reason: '' }),
    ),
  ),
]

/**
 * The stream with more bytes, which are ignored after an error.
 */
export function withTail(whole: Vector): Vector {
  const { bytes, role, expect } = whole
  const last = expect.frames.at(-1)
  if (expect.fault === undefined && last?.whole === false) {
    const payload = utf8('tail')
    const masked = role === 'server' ? maskNaively(payload, KEY, last.payload.length) : payload
    const frames = [...expect.frames.slice(0, -1), { ...last, payload: concat(last.payload, payload) }]
    return { ...whole, bytes: concat(bytes, masked), expect: { frames } }
  }
  const tail = vector('§5.2', 'tail', role, [frame('89 04', utf8('tail'), { opcode: 9 })])
  const frames = expect.fault === undefined ? [...expect.frames, ...tail.expect.frames] : expect.frames
  return { ...whole, bytes: concat(bytes, tail.bytes), expect: { ...expect, frames } }
}

function legal(section: Section, name: string, ...parts: Part[]): Vector[] {
  return ROLES.map(role => vector(section, name, role, parts))
}

function illegal(section: Section, name: string, fault: Fault, ...parts: Part[]): Vector[] {
  return ROLES.map(role => vector(section, name, role, parts, fault))
}

function broken(
  section: Section,
  name: string,
  role: Role,
  bytes: Uint8Array<ArrayBuffer>,
  fault: Fault,
): Vector {
  return { section, name, role, reservedBits: 0, bytes, expect: { frames: [], fault } }
}

function example(
  name: string,
  role: Role,
  digits: string,
  frames: readonly (Pick<ExpectedFrame, 'opcode' | 'payload'> & Partial<ExpectedFrame>)[],
): Vector {
  const expected = frames.map(fields => ({ fin: true, rsv: 0, whole: true, ...fields }))
  return { section: '§5.7', name, role, reservedBits: 0, bytes: hex(digits), expect: { frames: expected } }
}

function vector(section: Section, name: string, role: Role, parts: readonly Part[], fault?: Fault): Vector {
  const frames = parts.flatMap(({ expected }) => expected ?? [])
  const expect = fault === undefined ? { frames } : { frames, fault }
  return {
    section,
    name,
    role,
    reservedBits: 0,
    bytes: concat(...parts.map(part => write(role, part))),
    expect,
  }
}

function extended(plain: Vector): Vector {
  return { ...plain, reservedBits: 4 }
}

/**
 * A frame. `fields` are its differences from an expected final frame; without them none is
 * expected.
 */
function frame(
  header: string,
  payload: Uint8Array,
  fields?: Pick<ExpectedFrame, 'opcode'> & Partial<ExpectedFrame>,
): Part {
  const part = { header, payload, key: KEY }
  return fields === undefined
    ? part
    : { ...part, expected: { fin: true, rsv: 0, whole: true, payload, ...fields } }
}

function closeFrame(header: string, payload: Uint8Array, close?: ClosePayload): Part {
  return frame(header, payload, close === undefined ? { opcode: 8 } : { opcode: 8, close })
}

function write(role: Role, { header, payload, key }: Part): Uint8Array {
  const head = hex(header)
  if (role === 'client') return concat(head, payload)
  head[1]! += 0x80
  return concat(head, hex(key), maskNaively(payload, key))
}

/**
 * "transformed-octet-i = original-octet-i XOR masking-key-octet-j", where "j = i MOD 4" (RFC 6455
 * §5.3).
 */
function maskNaively(payload: Uint8Array, key: string, offset = 0): Uint8Array {
  const octets = hex(key)
  return payload.map((octet, i) => octet ^ octets[(offset + i) % 4]!)
}

function protocolError(message: string): Fault {
  return { closeCode: 1002, message }
}

/** Bytes that show a shift by any number of places below 256. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i + (i >> 8)) & 0xff)
}
