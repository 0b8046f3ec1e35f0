/**
 * One WebSocket over a Node stream, as a server or as a client (RFC 6455).
 * @module @ws/connection
 */

export { Clock, type Tickable } from './clock.ts'
export { atEndOfTurn, type Flushable } from './end-of-turn.ts'
export { Keepalive, type KeepaliveOptions } from './keepalive.ts'
export { nodeHost } from './node/host.ts'
export { createReader, type Reader } from './node/shared-read-buffer.ts'
export { createRates, type RateLimits, type Rates } from './rates.ts'
export { SlotList } from './slot-list.ts'
export { AsyncQueue } from './streaming/async-queue.ts'
export {
  createMessageStream,
  type MessageInput,
  MessageStream,
  type PausableInput,
} from './streaming/message-stream.ts'
export { type FragmentWriter, SendQueue } from './streaming/send-queue.ts'
export type { PieceSource } from './streaming/send-stream.ts'
export { runSession } from './streaming/session.ts'
export {
  createStreams,
  type SocketStreams,
  WebSocketError,
  type WebSocketErrorOptions,
} from './streaming/web-streams.ts'
export { checkRate, type Rate } from './token-bucket.ts'
export { unsentBytes, WriteTimeout } from './write-timeout.ts'
