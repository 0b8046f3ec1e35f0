/**
 * The events of all connections in this process, of any server or client, for logs, traces and
 * metrics. They are published on channels of `node:diagnostics_channel`: `@ws/connection:open` and
 * so on. An event costs nothing without a listener.
 * @module @ws/connection/diagnostics
 */

import type { CloseInfo, Role, Sendable } from '@ws/protocol'
import { CHANNELS } from './channels.ts'
import type { Socket } from './socket.ts'
import { subscribeTo } from './subscribe.ts'

/** The connection that an event is about. */
export interface ConnectionEvent {
  readonly socket: Socket
  readonly role: Role
  /** The server that the connection belongs to, if it is one of a server. */
  readonly server: object | undefined
}

/** The events, by the names of their channels. */
export interface ConnectionEvents {
  /** A socket is open. Published before the handler `open` is called. */
  readonly open: ConnectionEvent
  /** A socket has closed. Published before the handler `close` is called. */
  readonly close: ConnectionEvent & { readonly info: CloseInfo }
  /** A whole message was received. Published before its handler is called, but not for `stream`. */
  readonly receive: ConnectionEvent & { readonly data: string | Uint8Array }
  /** A message was accepted for sending; `data` as it was passed to `send`. */
  readonly send: ConnectionEvent & { readonly data: Sendable }
  /** A `send` reached the high-water mark. Published once until `drain`. */
  readonly backpressure: ConnectionEvent & { readonly bufferedAmount: number }
  /** There is room below the high-water mark again. */
  readonly drain: ConnectionEvent
  /**
   * A handler failed. Published before the handler `error` is called. There is no socket if the
   * opening handshake was not over.
   */
  readonly error: Omit<ConnectionEvent, 'socket'> & {
    readonly error: unknown
    readonly socket: Socket | undefined
  }
}

/**
 * Calls a listener for each event of a name, and returns a function that ends this. A listener must
 * be short, because it runs inside of what it observes; if it throws, Node rethrows the error as an
 * uncaught exception. Throws a `TypeError` for an unknown name.
 */
export function observe<Name extends keyof ConnectionEvents>(
  name: Name,
  listener: (event: ConnectionEvents[Name]) => unknown,
): () => void {
  return subscribeTo(CHANNELS, name, listener)
}
