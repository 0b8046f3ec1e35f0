/**
 * A WebSocket client for Node (RFC 6455).
 * @module @ws/client
 */

export { binary, createFormat, type Format, text, type ValueHandler } from '@ws/connection/format'
export { connect } from './connect.ts'
export type { Address, CreateConnection } from './dialing/tcp.ts'
export type { TlsOptions } from './dialing/tls.ts'
export { ConnectError, HandshakeError } from './errors.ts'
export type { CookieJar } from './handshake/cookies.ts'
export type { HeadersLike } from './options/checks.ts'
export type { ClientSocket, ConnectOptions } from './options/client-options.ts'
export { type ReconnectingOptions, reconnecting } from './reconnecting.ts'
export type { RetryCause, RetryStep } from './retry.ts'
