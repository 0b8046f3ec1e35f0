/**
 * The events of all clients in this process, for logs, traces and metrics. They are published on
 * channels of `node:diagnostics_channel`: `@ws/client:handshake`, and those of `@ws/connection`. An
 * event costs nothing without a listener.
 * @module @ws/client/diagnostics
 */

import type { ConnectionEvents } from '@ws/connection/diagnostics'
import { CHANNELS, subscribeTo } from '@ws/connection/internal'
import { handshakeChannel } from './handshake-channel.ts'
import type { ClientSocket } from './options/client-options.ts'

/** The events, by the names of their channels. */
export interface ClientEvents extends ConnectionEvents {
  /** An attempt to connect has ended, of `connect` or of `reconnecting`. */
  readonly handshake: {
    /** The server and the path, without credentials and query. */
    readonly url: string
    /** The open socket; undefined if the attempt has failed. */
    readonly socket: ClientSocket | undefined
    /** Why it has failed; undefined for an open socket. */
    readonly error: unknown
    /** Milliseconds that the attempt took. */
    readonly duration: number
  }
}

const CLIENT_CHANNELS = { handshake: handshakeChannel, ...CHANNELS }

/**
 * Calls a listener for each event of a name of any client, and returns a function that ends this. A
 * listener must be short, because it runs inside of what it observes; if it throws, Node rethrows
 * the error as an uncaught exception. Throws a `TypeError` for an unknown name.
 */
export function observe<Name extends keyof ClientEvents>(
  name: Name,
  listener: (event: ClientEvents[Name]) => unknown,
): () => void {
  // The channels of connections also have the events of servers.
  return subscribeTo(CLIENT_CHANNELS, name, listener, event => !('role' in event) || event.role === 'client')
}
