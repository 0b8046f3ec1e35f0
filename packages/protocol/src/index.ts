/**
 * One end of a WebSocket connection after its opening handshake, without I/O (RFC 6455 §5.4–§8).
 * @module @ws/protocol
 */

export {
  CloseCode,
  isSendableCloseCode,
  ProtocolError,
  type ProtocolErrorOptions,
  type Role,
  WebSocketError,
  type WebSocketErrorOptions,
  writeClosePayload,
} from '@ws/frame'
export { type BinaryLike, toBytes } from './bytes.ts'
export { checkNames } from './check-names.ts'
export { Deadline } from './deadline.ts'
export type {
  AcceptedOffer,
  Extension,
  ExtensionParam,
  MessageTransform,
  MessageType,
  NegotiableExtension,
  SendOptions,
  Transformation,
  TransformOutput,
} from './extension.ts'
export { type Host, portableHost } from './host.ts'
export type { State, TransportAction } from './lifecycle.ts'
export { checkLimits, DEFAULT_LIMITS, type Limits } from './limits.ts'
export { Protocol, type ProtocolOptions } from './protocol.ts'
export type { OutgoingStream } from './sending/outgoing-stream.ts'
export { BY_REFERENCE_FROM } from './sending/output-buffer.ts'
export { type PreparedMessage, prepare, type Sendable } from './sending/prepared-message.ts'
export type { Bytes, CloseCause, CloseInfo, IncomingStream, Message, ProtocolSink } from './sink.ts'
export { Utf8Validator } from './utf8.ts'
