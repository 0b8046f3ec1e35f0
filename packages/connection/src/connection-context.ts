// The parts of one connection that its input and its output both use.

import type { Duplex } from 'node:stream'
import type { CloseInfo, Protocol, Role, State } from '@ws/protocol'
import type { ConnectionCounters } from './counters.ts'
import type { ConnectionHandlers } from './handlers.ts'
import type { ConnectionSettings } from './options/connection-options.ts'
import type { ErrorHandler } from './report-error.ts'

/** Settings and handlers, which any number of connections share. */
export interface ConnectionConfig<S> {
  readonly settings: ConnectionSettings
  readonly handlers: ConnectionHandlers<S>
  /** Receives the errors of handlers; `console.error` by default. */
  readonly errorHandler: ErrorHandler<S> | undefined
}

/** The connection that a diagnostics event is about; see `ConnectionEvent`. */
export interface ConnectionEventOf<S> {
  readonly socket: S
  readonly role: Role
  readonly server: object | undefined
}

/** One connection, as its input and its output see it. */
export interface ConnectionContext<S> {
  readonly protocol: Protocol
  readonly transport: Duplex
  readonly config: ConnectionConfig<S>
  /** The socket that handlers get. */
  readonly socket: S
  /** The protocol's state, but `closing` if the transport of an open connection is destroyed. */
  readonly state: State
  /** Whether messages can be sent: also after the peer's Close, until ours has been sent. */
  readonly canSend: boolean
  /** Undefined until it is final, which may be before messages are delivered. */
  readonly closeReport: CloseInfo | undefined
  /** The counters of the owner. */
  readonly counters: ConnectionCounters
  /** The properties that all diagnostics events of this connection have. */
  readonly event: ConnectionEventOf<S>
  /** Reports an error of a handler, and closes with 1011. */
  fail(error: unknown): void
}
