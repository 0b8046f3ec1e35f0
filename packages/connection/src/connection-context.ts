// The parts of one connection that its input and its output both use.

import type { Duplex } from 'node:stream'
import type { CloseInfo, Protocol, State } from '@ws/protocol'
import type { ConnectionCounters } from './counters.ts'
import type { ConnectionChannels } from './diagnostics.ts'
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

/** One connection, as its input and its output see it. */
export interface ConnectionContext<S> {
  readonly protocol: Protocol
  readonly transport: Duplex
  readonly config: ConnectionConfig<S>
  /** The socket that handlers get. */
  readonly socket: S
  /** The protocol's state, but `closing` if the transport of an open connection is destroyed. */
  readonly state: State
  /** Undefined until the connection is closed. */
  readonly closeReport: CloseInfo | undefined
  /** The counters of the owner. */
  readonly counters: ConnectionCounters
  /** The channels of the owner. */
  readonly channels: ConnectionChannels
  /** Reports an error of a handler, and closes with 1011. */
  fail(error: unknown): void
}
