/**
 * One WebSocket over a Node stream, as a server or as a client (RFC 6455).
 * @module @ws/connection
 */

export { Connection, type ConnectionInit, type ConnectionOwner } from './connection.ts'
export { ConnectionSet, type ConnectionSetMember } from './connection-set.ts'
export { ConnectionCounters } from './counters.ts'
export type { ConnectionChannels } from './diagnostics.ts'
export { CONNECTION_HANDLER_NAMES, type ConnectionHandlers, checkHandlers } from './handlers.ts'
export { nodeHost } from './node/host.ts'
export { isClosed, isOwned, takeOwnership } from './node/transport.ts'
export { type OpenSocketOptions, openSocket } from './open-socket.ts'
export { checkCount, checkDelay, checkFunctions, checkNames } from './options/check.ts'
export {
  CONNECTION_OPTIONS,
  type ConnectionOptions,
  ConnectionOptionTable,
  type ConnectionSettings,
  DEFAULT_CONNECTION_SETTINGS,
  shortestDeadline,
} from './options/connection-options.ts'
export { didYouMean } from './options/did-you-mean.ts'
export {
  checkOptionNames,
  defaultsOf,
  type Option,
  type OptionsOf,
  resolveOptions,
  type SettingsOf,
} from './options/option.ts'
export { callSafely, type ErrorHandler, isPromiseLike, reportError } from './report-error.ts'
export { SlotList } from './slot-list.ts'
export { type Sendable, Socket, type SocketConnection, type SocketHandshake } from './socket.ts'
export type { MessageStream } from './streaming/message-stream.ts'
export type { PieceSource } from './streaming/send-stream.ts'
export {
  type SocketStreams,
  WebSocketError,
  type WebSocketErrorOptions,
} from './streaming/web-streams.ts'
export type { Rate } from './token-bucket.ts'
