// The MUSTs for a single frame header (RFC 6455 §5.1, §5.2, §5.5), each with its quotation. Rules
// about the order of frames (§5.4) are in @ws/protocol.

import { ProtocolError } from './error.ts'
import { type FrameHeader, minimalLengthSize } from './header.ts'
import { isControl, Opcode } from './opcode.ts'
import type { Role } from './role.ts'

/**
 * Throws a `ProtocolError` if an endpoint with this role must not accept a frame with this header.
 * `reservedBits` are the bits that a negotiated extension uses, as in `FrameHeader.rsv`.
 */
export function validateHeader(header: Readonly<FrameHeader>, role: Role, reservedBits = 0): void {
  // "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values."
  const illegal = header.rsv & ~reservedBits
  if (illegal !== 0)
    throw new ProtocolError(`reserved bit ${nameOfBit(illegal)} set without an extension`, {
      code: 'ERR_WS_RESERVED_BIT',
      closeCode: 1002,
      section: 'RFC 6455 §5.2',
    })

  if (isControl(header.opcode)) validateControl(header)
  // "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket
  // Connection_."
  else if (header.opcode > Opcode.binary) throw unknownOpcode(header.opcode)

  // Stryker disable next-line ConditionalExpression: a short length passes these checks.
  if (header.lengthSize !== 0) validateLength(header)

  if (role === 'server') {
    // "The server MUST close the connection upon receiving a frame that is not masked."
    if (!header.masked)
      throw new ProtocolError('unmasked frame from a client', {
        code: 'ERR_WS_UNMASKED_FRAME',
        closeCode: 1002,
        section: 'RFC 6455 §5.1',
      })
  } else if (header.masked) {
    // "A client MUST close a connection if it detects a masked frame."
    throw new ProtocolError('masked frame from a server', {
      code: 'ERR_WS_MASKED_FRAME',
      closeCode: 1002,
      section: 'RFC 6455 §5.1',
    })
  }
}

function validateControl(header: Readonly<FrameHeader>): void {
  // "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket
  // Connection_."
  if (header.opcode > Opcode.pong) throw unknownOpcode(header.opcode)
  // "All control frames MUST have a payload length of 125 bytes or less …"
  if (header.lengthSize !== 0)
    throw new ProtocolError('control frame longer than 125 bytes', {
      code: 'ERR_WS_CONTROL_FRAME_TOO_LARGE',
      closeCode: 1002,
      section: 'RFC 6455 §5.5',
    })
  // "… and MUST NOT be fragmented."
  if (!header.fin)
    throw new ProtocolError('fragmented control frame', {
      code: 'ERR_WS_FRAGMENTED_CONTROL_FRAME',
      closeCode: 1002,
      section: 'RFC 6455 §5.5',
    })
}

function validateLength(header: Readonly<FrameHeader>): void {
  const { payloadLength } = header
  // "If 127, the following 8 bytes interpreted as a 64-bit unsigned integer (the most significant
  // bit MUST be 0)"
  if (payloadLength >= 2 ** 63)
    throw new ProtocolError('most significant bit of a 64-bit length set', {
      code: 'ERR_WS_INVALID_LENGTH',
      closeCode: 1002,
      section: 'RFC 6455 §5.2',
    })
  // "in all cases, the minimal number of bytes MUST be used to encode the length"
  if (header.lengthSize !== minimalLengthSize(payloadLength)) {
    throw new ProtocolError('length not encoded in the minimal number of bytes', {
      code: 'ERR_WS_INVALID_LENGTH',
      closeCode: 1002,
      section: 'RFC 6455 §5.2',
    })
  }
  // "1009 indicates that an endpoint is terminating the connection because it has received a
  // message that is too big"
  if (payloadLength > Number.MAX_SAFE_INTEGER) {
    throw new ProtocolError('payload longer than 2^53 − 1 bytes', {
      code: 'ERR_WS_MESSAGE_TOO_LARGE',
      closeCode: 1009,
      section: 'RFC 6455 §7.4.1',
    })
  }
}

function unknownOpcode(opcode: number): ProtocolError {
  return new ProtocolError(`unknown opcode ${opcode}`, {
    code: 'ERR_WS_UNKNOWN_OPCODE',
    closeCode: 1002,
    section: 'RFC 6455 §5.2',
  })
}

/** The name of the first of these reserved bits. */
function nameOfBit(rsv: number): string {
  return rsv >= 4 ? 'RSV1' : rsv >= 2 ? 'RSV2' : 'RSV3'
}
