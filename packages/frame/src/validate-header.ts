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
  if ((header.rsv & ~reservedBits) !== 0)
    throw new ProtocolError(1002, 'reserved bit set without an extension (RFC 6455 §5.2)')

  if (isControl(header.opcode)) validateControl(header)
  // "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket
  // Connection_."
  else if (header.opcode > Opcode.binary)
    throw new ProtocolError(1002, `unknown opcode ${header.opcode} (RFC 6455 §5.2)`)

  if (header.lengthSize !== 0) validateLength(header)

  if (role === 'server') {
    // "The server MUST close the connection upon receiving a frame that is not masked."
    if (!header.masked) throw new ProtocolError(1002, 'unmasked frame from a client (RFC 6455 §5.1)')
  } else if (header.masked) {
    // "A client MUST close a connection if it detects a masked frame."
    throw new ProtocolError(1002, 'masked frame from a server (RFC 6455 §5.1)')
  }
}

function validateControl(header: Readonly<FrameHeader>): void {
  // "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket
  // Connection_."
  if (header.opcode > Opcode.pong)
    throw new ProtocolError(1002, `unknown opcode ${header.opcode} (RFC 6455 §5.2)`)
  // "All control frames MUST have a payload length of 125 bytes or less …"
  if (header.lengthSize !== 0)
    throw new ProtocolError(1002, 'control frame longer than 125 bytes (RFC 6455 §5.5)')
  // "… and MUST NOT be fragmented."
  if (!header.fin) throw new ProtocolError(1002, 'fragmented control frame (RFC 6455 §5.5)')
}

function validateLength(header: Readonly<FrameHeader>): void {
  const { payloadLength } = header
  // "If 127, the following 8 bytes interpreted as a 64-bit unsigned integer (the most significant
  // bit MUST be 0)"
  if (payloadLength >= 2 ** 63)
    throw new ProtocolError(1002, 'most significant bit of a 64-bit length set (RFC 6455 §5.2)')
  // "in all cases, the minimal number of bytes MUST be used to encode the length"
  if (header.lengthSize !== minimalLengthSize(payloadLength)) {
    throw new ProtocolError(1002, 'length not encoded in the minimal number of bytes (RFC 6455 §5.2)')
  }
  // "1009 indicates that an endpoint is terminating the connection because it has received a
  // message that is too big"
  if (payloadLength > Number.MAX_SAFE_INTEGER) {
    throw new ProtocolError(1009, 'payload longer than 2^53 − 1 bytes (RFC 6455 §7.4.1)')
  }
}
