// Rows D about bytes: what a peer sends that offered permessage-deflate as it is (RFC 7692). zlib makes what is well compressed.

import { constants, deflateRawSync } from 'node:zlib'
import { type Frame, Opcode } from '@ws/frame'
import { concat, hex, utf8 } from '@ws/testing'
import { more, ping, wire } from '../../packages/protocol/test/end.ts'
import { type ByteRow, createRow, type Expectation } from './byte-row.ts'

const OFFER = 'permessage-deflate'
const RSV1 = 0b100
const MIB = 2 ** 20
const GREETING = 'Grüße, '.repeat(100)

type End = Pick<Expectation, 'by' | 'code' | 'reason'>

const bomb = deflate(new Uint8Array(4 * MIB))
/** Ends its DEFLATE data, as few do. */
const final = deflateRawSync('Hello')

/** All of them. */
export const compressedRows: readonly ByteRow[] = [
  refused('D1: 4 MiB of zeros in one frame', cut(bomb, 1), 1009, 'longer than 1048576 bytes'),
  refused('D1: 4 MiB of zeros in 100 fragments', cut(bomb, 100), 1009, 'longer than 1048576 bytes'),
  {
    ...told('D1: 1,000 characters are 1,000', cut(pack('x'.repeat(1000)), 1), ['x'.repeat(1000)]),
    limits: limit(1000),
  },
  {
    ...refused('D1: 1,001 are too many', cut(pack('x'.repeat(1001)), 1), 1009, 'longer than 1000 bytes'),
    limits: limit(1000),
  },
  ...[
    ['a block of an unknown type', 'ff ff ff'],
    ['a length that is not its own complement', '00 05 00 fa fe 48 65 6c 6c 6f 00'],
    ['a code that does not exist', '05 e0 81 91 24 cb b2 2c 49 e2 0f 2e 8b 9a 47 56'],
  ].map(([name, bytes]) => refused(`D2: ${name}`, cut(hex(bytes!), 1), 1007, 'not valid DEFLATE')),
  refused('D3: RSV1 on a ping', [{ opcode: Opcode.ping, rsv: RSV1 }], 1002, ''),
  refused('D3: RSV1 on a continuation', [...unfinished('x'), more('', { rsv: RSV1 })], 1002, ''),
  ...[
    [0xc0, 0xaf],
    [0x61, 0xe2, 0x82],
    [0xed, 0xa0, 0x80],
  ].map(bytes =>
    refused(
      `D4: what inflates to ${Buffer.from(bytes).toString('hex')}`,
      cut(deflate(Uint8Array.from(bytes)), 1),
      1007,
      '§8.1',
    ),
  ),
  createCompressed(
    'D5: pings between fragments of which only the first has RSV1',
    cut(pack(GREETING), 5).flatMap((frame, i) => [ping(`${i}`), frame]),
    [GREETING],
    ['0', '1', '2', '3', '4'],
  ),
  refused(
    'D5: RSV1 only on a later fragment',
    [{ opcode: Opcode.text, payload: utf8('x'), fin: false }, more('x', { rsv: RSV1 })],
    1002,
    '',
  ),
  told(
    'D6: messages that end with a block with BFINAL set, and others',
    [...cut(concat(final, Uint8Array.of(0)), 1), ...cut(final, 2), ...cut(pack('and on'), 1)],
    ['Hello', 'Hello', 'and on'],
  ),
  told(
    'D7: an empty message, whole and in three frames',
    [...cut(hex('00'), 1), ...cut(hex('00'), 3)],
    ['', ''],
  ),
  told(
    'D8: a message that is not compressed, between two that are',
    [...cut(pack('packed'), 1), { opcode: Opcode.text, payload: utf8('plain') }, ...cut(pack('again'), 1)],
    ['packed', 'plain', 'again'],
  ),
  refused(
    'D9: a reference to before the beginning',
    cut(hex('f2 00 11 00 00'), 1),
    1007,
    'not valid DEFLATE',
  ),
  refused('F1: RSV2 where RSV1 was agreed on', [{ opcode: Opcode.text, rsv: RSV1 | 0b010 }], 1002, ''),
  refused('F1: RSV3 where RSV1 was agreed on', [{ opcode: Opcode.text, rsv: RSV1 | 0b001 }], 1002, ''),
]

function told(name: string, frames: readonly Frame[], texts: readonly string[]): ByteRow {
  return createCompressed(name, frames, texts)
}

function refused(name: string, frames: readonly Frame[], code: number, reason: string): ByteRow {
  return createCompressed(name, frames, [], [], { by: 'local', code, reason })
}

function createCompressed(
  name: string,
  frames: readonly Frame[],
  texts: readonly string[],
  pongs: readonly string[] = [],
  end?: End,
): ByteRow {
  const events = texts.map(text => `text: ${text}`.trimEnd())
  return { ...createRow('server', name, {}, wire('server', ...frames), events, pongs, end), offer: OFFER }
}

function limit(maxMessageSize: number): ByteRow['limits'] {
  return { maxMessageSize }
}

/** What a peer sends of these bytes (RFC 7692 §7.2.1). */
function deflate(bytes: Uint8Array): Uint8Array {
  return deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
}

function pack(text: string): Uint8Array {
  return deflate(utf8(text))
}

function unfinished(text: string): Frame[] {
  return [{ opcode: Opcode.text, payload: pack(text), fin: false, rsv: RSV1 }]
}

/** A compressed text in so many frames. */
function cut(payload: Uint8Array, count: number): Frame[] {
  const size = Math.ceil(payload.length / count)
  return Array.from({ length: count }, (_, i) => ({
    opcode: i === 0 ? Opcode.text : Opcode.continuation,
    rsv: i === 0 ? RSV1 : 0,
    fin: i === count - 1,
    payload: payload.subarray(i * size, (i + 1) * size),
  }))
}
