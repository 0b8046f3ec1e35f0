/**
 * A WebSocket server for Node (RFC 6455).
 * @module @ws/server
 */

export {
  type BinaryStream,
  binary,
  type ConnectionHandlers,
  createFormat,
  type Format,
  type MessageStream,
  type PieceSource,
  type PieceStream,
  type Rate,
  RateLimiter,
  type RequireFormat,
  type SendOptions,
  type SocketHandshake,
  type SocketStreams,
  type TextStream,
  text,
  type ValueHandler,
  type Written,
} from '@ws/connection'
export type { HostPolicy, OriginPolicy } from '@ws/handshake'
export {
  type BinaryLike,
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
  type Sendable,
  type State,
  WebSocketError,
  type WebSocketErrorOptions,
} from '@ws/protocol'
export type { Handlers, HeadersLike, RequireUpgrade, Upgraded } from './handlers.ts'
export { addressGroup } from './http/address-group.ts'
export type { UpgradeEmitter, UpgradeListener } from './http/attach.ts'
export type { RequestLike } from './http/incoming-request.ts'
export type { Listening, ListenOptions } from './http/listen.ts'
export type { RouteOptions } from './options/route-options.ts'
export type { ServerOptions } from './options/server-options.ts'
export type { AnyParams, ParamsOf, PathPattern } from './path-template.ts'
export type { SlowPolicy } from './pubsub/backlog.ts'
export type { SlowOptions, SocketPublishOptions } from './pubsub/publish-options.ts'
export type { Route } from './route.ts'
export { type AdoptOptions, type PublishOptions, WebSocketServer } from './server.ts'
export type { CloseOptions, ShutdownReport } from './shutdown.ts'
export type { Socket } from './socket.ts'
export type { SocketSet } from './socket-set.ts'
export type { Stats } from './telemetry/stats.ts'
export type { UpgradeRequest } from './upgrade-request.ts'
