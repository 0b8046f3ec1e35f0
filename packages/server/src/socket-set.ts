// Sockets that belong together, as they are now.

import type { Socket } from './socket.ts'

/**
 * A live view of some sockets, such as those of a route or the subscribers of a topic. A loop sees
 * those that were there when it began and have not closed since.
 */
export interface SocketSet<Data = unknown> extends Iterable<Socket<Data>> {
  readonly size: number
}

/** A connection, as a set needs it. */
interface Member {
  readonly state: string
  readonly socket: Socket
}

/** The sockets of these connections; a loop may close and unsubscribe them. */
export class ConnectedSockets<Data = unknown> implements SocketSet<Data> {
  readonly #connections: () => ReadonlySet<Member>

  /** `connections` finds them at any time. */
  constructor(connections: () => ReadonlySet<Member>) {
    this.#connections = connections
  }

  get size(): number {
    return this.#connections().size
  }

  *[Symbol.iterator](): Iterator<Socket<Data>, undefined> {
    for (const { state, socket } of [...this.#connections()])
      if (state !== 'closed') yield socket as Socket<Data>
  }
}

/** The connections of a server of which some belong to a route. */
interface RouteMember extends Member {
  /** Each route has a config of its own. */
  readonly config: object
}

/** The sockets of one route, which its server counts. */
export class RouteSockets<Data = unknown> implements SocketSet<Data> {
  size = 0
  readonly #connections: Iterable<RouteMember>
  readonly #config: object

  /** `connections` are those of all routes; the route's own have this config. */
  constructor(connections: Iterable<RouteMember>, config: object) {
    this.#connections = connections
    this.#config = config
  }

  *[Symbol.iterator](): Iterator<Socket<Data>, undefined> {
    for (const { state, config, socket } of this.#connections)
      if (config === this.#config && state !== 'closed') yield socket as Socket<Data>
  }
}
