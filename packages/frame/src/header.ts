// The layout of a frame header (RFC 6455 §5.2), read and written field by field. The values are
// checked in validate-header.ts.
//
//   0 1 2 3 4 5 6 7   0 1 2 3 4 5 6 7
//  +-+-+-+-+-------+ +-+-------------+------------------------+-----------------+
//  |F|R|R|R| opcode| |M| payload     | extended payload       | masking key     |
//  |I|S|S|S|       | |A| length      | length: 0, 2 or 8      | 4 bytes, if the |
//  |N|V|V|V|       | |S| 7 bits      | bytes                  | MASK bit is set |
//  | |1|2|3|       | |K|             |                        |                 |
//  +-+-+-+-+-------+ +-+-------------+------------------------+-----------------+

/** The fields of one header, as they are on the wire. */
export interface FrameHeader {
  /** Set on the last (or only) frame of a message. */
  fin: boolean
  /** The three reserved bits as a number: RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  rsv: number
  /** 0–15; see `Opcode`. */
  opcode: number
  /** The MASK bit: the payload is XORed with `maskingKey`. */
  masked: boolean
  /** An unsigned 32-bit number whose first byte is the most significant; 0 if not masked. */
  maskingKey: number
  /** Bytes of payload. Exact up to 2^53 − 1, rounded above. */
  payloadLength: number
  /** Bytes of extended payload length. */
  lengthSize: 0 | 2 | 8
}

/** The longest header: two bytes, a 64-bit length and a masking key. */
export const MAX_HEADER_SIZE = 14

/** The largest number below 2^63, the first length with the most significant bit set. */
const LONGEST_LEGAL = 2 ** 63 - 2 ** 10

/** A header to read into or to fill in: of a final, unmasked, empty frame. */
export function createHeader(opcode = 0): FrameHeader {
  return { fin: true, rsv: 0, opcode, masked: false, maskingKey: 0, payloadLength: 0, lengthSize: 0 }
}

/**
 * Reads the header at `bytes[start]` into `header`, at most up to `end`. Returns the size of the
 * header in bytes, or 0 if it is incomplete; `header` is then unchanged.
 */
export function readHeader(bytes: Uint8Array, start: number, end: number, header: FrameHeader): number {
  // Stryker disable next-line ConditionalExpression,ArithmeticOperator: checked again below.
  if (end - start < 2) return 0
  const first = bytes[start]!
  const second = bytes[start + 1]!
  const shortLength = second & 0x7f
  const lengthSize = shortLength < 126 ? 0 : shortLength === 126 ? 2 : 8
  const masked = second >= 0x80
  const size = 2 + lengthSize + (masked ? 4 : 0)
  if (end - start < size) return 0

  header.fin = first >= 0x80
  header.rsv = (first >>> 4) & 0b111
  header.opcode = first & 0xf
  header.masked = masked
  header.lengthSize = lengthSize
  header.payloadLength = lengthSize === 0 ? shortLength : readLength(bytes, start + 2, lengthSize)
  header.maskingKey = masked ? readUint32(bytes, start + size - 4) : 0
  return size
}

/** The number of bytes that `writeHeader` writes for this header. */
export function headerSize(header: Readonly<FrameHeader>): number {
  return 2 + header.lengthSize + (header.masked ? 4 : 0)
}

/** The minimal `lengthSize` for a payload length, which RFC 6455 §5.2 requires. */
export function minimalLengthSize(payloadLength: number): 0 | 2 | 8 {
  return payloadLength < 126 ? 0 : payloadLength < 0x1_0000 ? 2 : 8
}

/**
 * Writes `header` at `bytes[start]` as it is, legal or not. Returns the number of bytes written.
 */
export function writeHeader(bytes: Uint8Array, start: number, header: Readonly<FrameHeader>): number {
  const { lengthSize, payloadLength } = header
  bytes[start] = (header.fin ? 0x80 : 0) | (header.rsv << 4) | header.opcode
  bytes[start + 1] =
    (header.masked ? 0x80 : 0) | (lengthSize === 0 ? payloadLength : lengthSize === 2 ? 126 : 127)
  let at = start + 2
  if (lengthSize === 2) {
    bytes[at++] = payloadLength >>> 8
    bytes[at++] = payloadLength
  } else if (lengthSize === 8) {
    writeUint32(bytes, at, Math.floor(payloadLength / 2 ** 32))
    writeUint32(bytes, at + 4, payloadLength)
    at += 8
  }
  if (header.masked) {
    writeUint32(bytes, at, header.maskingKey)
    at += 4
  }
  return at - start
}

function readLength(bytes: Uint8Array, at: number, size: 2 | 8): number {
  if (size === 2) return (bytes[at]! << 8) | bytes[at + 1]!
  const high = readUint32(bytes, at)
  const length = high * 2 ** 32 + readUint32(bytes, at + 4)
  // A number rounds 2^63 − 1 to 2^63, as if the most significant bit were set.
  return high < 2 ** 31 ? Math.min(length, LONGEST_LEGAL) : length
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
