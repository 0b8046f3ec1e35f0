/**
 * One WebSocket over a Node stream, as a server or as a client (RFC 6455).
 * @module @ws/connection
 */

export type { BinaryLike, Sendable } from '@ws/protocol'
export { Connection, type ConnectionInit } from './connection.ts'
export type { ConnectionConfig } from './connection-context.ts'
export type { ConnectionOwner } from './connection-owner.ts'
export { ConnectionSet, type ConnectionSetMember } from './connection-set.ts'
export { ConnectionCounters } from './counters.ts'
export { binary, createFormat, type Format, text, type ValueHandler } from './format.ts'
export type { ConnectionHandlers, RequireFormat } from './handlers.ts'
export { nodeHost } from './node/host.ts'
export { isClosed, isOwned, takeOwnership } from './node/transport.ts'
export { type OpenSocketOptions, openSocket, socketCounters } from './open-socket.ts'
export {
  type ConnectionOptions,
  type ConnectionSettings,
  DEFAULT_CONNECTION_SETTINGS,
} from './options/connection-options.ts'
export { type Rate, RateLimiter } from './rate-limiter.ts'
export type { ErrorHandler } from './report-error.ts'
export type {
  Socket,
  SocketConnection,
  SocketHandshake,
  SocketInput,
  SocketOutput,
  SocketRequest,
} from './socket.ts'
export type { BinaryStream, MessageStream, PieceStream, TextStream } from './streaming/message-stream.ts'
export type { SendOptions, Written } from './streaming/send-options.ts'
export type { PieceSource } from './streaming/send-stream.ts'
export type { SocketStreams } from './streaming/web-streams.ts'
