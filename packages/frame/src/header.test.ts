import { hex } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import {
  createHeader,
  type FrameHeader,
  headerSize,
  minimalLengthSize,
  readHeader,
  writeHeader,
} from './header.ts'

const header = (fields: Partial<FrameHeader>): FrameHeader => ({ ...createHeader(), ...fields })

/** Each row has the bytes of a header and its fields. */
const layouts: [name: string, bytes: string, fields: Partial<FrameHeader>][] = [
  ['an empty continuation', '80 00', {}],
  ['a text that goes on', '01 03', { fin: false, opcode: 1, payloadLength: 3 }],
  ['RSV1', 'c1 00', { rsv: 4, opcode: 1 }],
  ['RSV2', 'a1 00', { rsv: 2, opcode: 1 }],
  ['RSV3', '91 00', { rsv: 1, opcode: 1 }],
  ['an undefined opcode', '8f 00', { opcode: 15 }],
  ['the longest 7-bit length', '82 7d', { opcode: 2, payloadLength: 125 }],
  ['the shortest 16-bit length', '82 7e 007e', { opcode: 2, payloadLength: 126, lengthSize: 2 }],
  ['the longest 16-bit length', '82 7e ffff', { opcode: 2, payloadLength: 65_535, lengthSize: 2 }],
  [
    'the shortest 64-bit length',
    '82 7f 0000000000010000',
    { opcode: 2, payloadLength: 65_536, lengthSize: 8 },
  ],
  ['a length above 2^32', '82 7f 0000000100000005', { opcode: 2, payloadLength: 2 ** 32 + 5, lengthSize: 8 }],
  ['2^53 − 1', '82 7f 001fffffffffffff', { opcode: 2, payloadLength: 2 ** 53 - 1, lengthSize: 8 }],
  [
    'the most significant bit',
    '82 7f 8000000000000000',
    { opcode: 2, payloadLength: 2 ** 63, lengthSize: 8 },
  ],
  ['a longer form than needed', '82 7e 0002', { opcode: 2, payloadLength: 2, lengthSize: 2 }],
  ['a masking key', '81 85 37fa213d', { opcode: 1, payloadLength: 5, masked: true, maskingKey: 0x37fa213d }],
  ['a masking key above 2^31', '81 80 ffeeddcc', { opcode: 1, masked: true, maskingKey: 0xffeeddcc }],
  [
    'the longest header',
    '82 ff 0000000000010000 01020304',
    { opcode: 2, payloadLength: 65_536, lengthSize: 8, masked: true, maskingKey: 0x01020304 },
  ],
]

describe.each(layouts)('%s', (_, digits, fields) => {
  const bytes = hex(digits)

  test('is read', () => {
    const read = createHeader()
    expect(readHeader(bytes, 0, bytes.length, read)).toBe(bytes.length)
    expect(read).toEqual(header(fields))
  })

  test('is read from the middle of a chunk', () => {
    const chunk = new Uint8Array(bytes.length + 20).fill(0xff)
    chunk.set(bytes, 7)
    const read = createHeader()
    expect(readHeader(chunk, 7, chunk.length, read)).toBe(bytes.length)
    expect(read).toEqual(header(fields))
  })

  test('is not read before its last byte has arrived', () => {
    const read = createHeader(9)
    for (let end = 0; end < bytes.length; end++) expect(readHeader(bytes, 0, end, read)).toBe(0)
    expect(read).toEqual(createHeader(9))
  })

  test('is written', () => {
    const written = new Uint8Array(bytes.length + 2)
    expect(headerSize(header(fields))).toBe(bytes.length)
    expect(writeHeader(written, 1, header(fields))).toBe(bytes.length)
    expect(written).toEqual(Uint8Array.of(0, ...bytes, 0))
  })
})

test('minimalLengthSize is the fewest bytes for a length', () => {
  expect([0, 125, 126, 65_535, 65_536, 2 ** 53 - 1].map(minimalLengthSize)).toEqual([0, 0, 2, 2, 8, 8])
})
