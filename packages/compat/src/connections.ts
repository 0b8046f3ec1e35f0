// The connections of all WebSockets of this package: they share one clock and one set of counters.

import type { Duplex } from 'node:stream'
import {
  Connection,
  type ConnectionConfig,
  ConnectionCounters,
  type ConnectionOwner,
  ConnectionSet,
  DEFAULT_CONNECTION_SETTINGS,
  takeOwnership,
} from '@ws/connection'
import { shortestDeadline } from '@ws/connection/internal'
import type { Extension, Host, Role } from '@ws/protocol'

/** The arguments of `Connections.open`. */
export interface ConnectionInit<S> {
  readonly role: Role
  readonly transport: Duplex
  readonly config: ConnectionConfig<S>
  readonly extension: Extension | undefined
  readonly host: Host | undefined
}

const NO_BYTES = new Uint8Array(0)

/** The connections with sockets of type `S`. */
export class Connections<S> {
  readonly #set = new ConnectionSet<Connection<S>>(shortestDeadline(DEFAULT_CONNECTION_SETTINGS))
  readonly #owner: ConnectionOwner<Connection<S>>

  /** `finished` is called when the transport of a socket has closed. */
  constructor(finished: (socket: S) => void) {
    this.#owner = {
      counters: new ConnectionCounters(),
      sessionStarted() {},
      roomAvailable() {},
      connectionClosed() {},
      connectionFinished: connection => {
        this.#set.delete(connection)
        finished(connection.socket)
      },
    }
  }

  /**
   * Opens a connection on a transport whose opening handshake is over. Nothing is delivered before
   * the caller has returned to the event loop. Throws an `Error` if the transport was used before.
   */
  open(socket: S, init: ConnectionInit<S>, head: Uint8Array): Connection<S> {
    const { transport, config } = init
    takeOwnership(transport)
    if (head.length > 0) transport.unshift(head)
    const connection = new Connection<S>({ ...init, owner: this.#owner })
    this.#set.serve(shortestDeadline(config.settings))
    this.#set.add(connection)
    connection.open(socket, NO_BYTES)
    return connection
  }
}
