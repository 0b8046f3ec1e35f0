/**
 * A WebSocket server for Node (RFC 6455).
 * @module @ws/server
 */

export type { OriginPolicy } from '@ws/handshake'
export {
  CloseCode,
  type CloseReport,
  type Limits,
  type NegotiableExtension,
  type PreparedMessage,
  ProtocolError,
  prepare,
  type SendOptions,
  type State,
} from '@ws/protocol'
export { addressGroup } from './address.ts'
export type { SlowPolicy } from './backlog.ts'
export type { Sendable } from './connection.ts'
export type { DrainReport } from './drain.ts'
export type { Handlers, HeadersLike, Upgraded } from './handlers.ts'
export type { MessageStream } from './message-stream.ts'
export type { ServerOptions } from './options.ts'
export type { PathPattern, RouteOptions } from './route.ts'
export type { PieceSource } from './send-stream.ts'
export { type CloseOptions, type Listening, type PublishTo, WebSocketServer } from './server.ts'
export type { Socket } from './socket.ts'
export type { Stats } from './stats.ts'
export { type SocketStreams, WebSocketError, type WebSocketErrorOptions } from './streams.ts'
export type { Rate } from './token-bucket.ts'
export type { UpgradeRequest } from './upgrade-request.ts'
