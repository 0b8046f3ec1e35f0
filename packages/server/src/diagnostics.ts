/**
 * The events of all servers in this process, for logs, traces and metrics. They are published on
 * channels of `node:diagnostics_channel`: `@ws/server:handshake`, `@ws/server:overflow`, and those of
 * `@ws/connection`. An event costs nothing without a listener.
 * @module @ws/server/diagnostics
 */

import type { IncomingMessage } from 'node:http'
import type { ConnectionEvents } from '@ws/connection/diagnostics'
import { CHANNELS, subscribeTo } from '@ws/connection/internal'
import type { WebSocketServer } from './server.ts'
import type { Socket } from './socket.ts'
import { handshakeChannel } from './telemetry/handshake-channel.ts'
import { overflowChannel } from './telemetry/overflow-channel.ts'

/** The server that an event is about, whatever the types of its data and messages are. */
export type EventServer = WebSocketServer<unknown, unknown>

/** An event of `@ws/connection`, as one of a server. */
export type ServerEvent<Event extends object> = Omit<Event, 'socket' | 'role' | 'server'> & {
  readonly socket: Event extends { socket: object } ? Socket : Socket | undefined
  readonly role: 'server'
  readonly server: EventServer
}

/** The events, by the names of their channels. */
export type ServerEvents = {
  readonly [Name in keyof ConnectionEvents]: ServerEvent<ConnectionEvents[Name]>
} & {
  /** An upgrade request was answered: with 101, or the status of a rejection. */
  readonly handshake: {
    readonly request: IncomingMessage
    readonly status: number
    /** The body of a rejection. */
    readonly reason?: string
    readonly server: EventServer
  }
  /** More than `maxTotalBuffered` was buffered, and the sockets that buffered the most were closed. */
  readonly overflow: {
    /** Bytes that were buffered, and the limit. */
    readonly buffered: number
    readonly limit: number
    /** Number of sockets that were closed. */
    readonly closed: number
    readonly server: EventServer
  }
}

const SERVER_CHANNELS = { handshake: handshakeChannel, overflow: overflowChannel, ...CHANNELS }

/**
 * Calls a listener for each event of a name of any server, and returns a function that ends this. A
 * listener must be short, because it runs inside of what it observes; if it throws, Node rethrows
 * the error as an uncaught exception. Throws a `TypeError` for an unknown name.
 */
export function observe<Name extends keyof ServerEvents>(
  name: Name,
  listener: (event: ServerEvents[Name]) => unknown,
): () => void {
  // The channels of connections also have the events of clients.
  return subscribeTo(SERVER_CHANNELS, name, listener, ({ server }) => server !== undefined)
}
