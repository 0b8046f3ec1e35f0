/**
 * A WebSocket server for Node (RFC 6455).
 * @module @ws/server
 */

export type {
  ConnectionHandlers,
  MessageStream,
  PieceSource,
  Rate,
  Sendable,
  SocketStreams,
} from '@ws/connection'
export type { OriginPolicy } from '@ws/handshake'
export {
  type Bytes,
  CloseCode,
  type CloseInfo,
  type Limits,
  type Message,
  type NegotiableExtension,
  type PreparedMessage,
  ProtocolError,
  type ProtocolErrorOptions,
  prepare,
  type SendOptions,
  type State,
  WebSocketError,
  type WebSocketErrorOptions,
} from '@ws/protocol'
export type { Handlers, HeadersLike, Upgraded } from './handlers.ts'
export { addressGroup } from './http/address-group.ts'
export type { RouteOptions } from './options/route-options.ts'
export type { ServerOptions } from './options/server-options.ts'
export type { SlowPolicy } from './pubsub/backlog.ts'
export { type CloseOptions, type Listening, type PublishTo, WebSocketServer } from './server.ts'
export type { DrainReport } from './shutdown.ts'
export type { Socket } from './socket.ts'
export type { Stats } from './telemetry/stats.ts'
export type { PathPattern } from './upgrade/router.ts'
export type { UpgradeRequest } from './upgrade-request.ts'
