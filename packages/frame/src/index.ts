/**
 * WebSocket frames: bytes to frames and back (RFC 6455 §5).
 * @module @ws/frame
 */

export { CloseCode, isSendableCloseCode } from './close-code.ts'
export { type ClosePayload, MAX_REASON_LENGTH, readClosePayload, writeClosePayload } from './close-payload.ts'
export { FrameDecoder, type FrameSink, type PartialFrame } from './decoder.ts'
export {
  ProtocolError,
  type ProtocolErrorOptions,
  WebSocketError,
  type WebSocketErrorOptions,
} from './error.ts'
export { type DecodedFrame, decodeFrames, encodeFrame, type Frame } from './frame.ts'
export {
  createHeader,
  type FrameHeader,
  headerSize,
  MAX_HEADER_SIZE,
  minimalLengthSize,
  readHeader,
  writeHeader,
} from './header.ts'
export { mask } from './mask.ts'
export { isControl, Opcode } from './opcode.ts'
export type { Role } from './role.ts'
export { FrameScanner } from './scanner.ts'
export { validateHeader } from './validate-header.ts'
