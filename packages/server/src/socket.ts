// A WebSocket connection of a server, as handlers see it: a socket that can also subscribe to
// topics.

import { Socket as ConnectionSocket, type SocketConnection, type SocketHandshake } from '@ws/connection'
import type { Subscriber, Topics } from './pubsub/topics.ts'

/** The connection under a server's socket. */
export type ServerConnection = SocketConnection & Subscriber

/** The connection under a socket; undefined if the value is not a socket of a server. */
export let connectionOf: (socket: Socket<never> | Socket) => ServerConnection | undefined

/** One WebSocket of a server. `Data` is what `upgrade` returned for it. */
export class Socket<Data = unknown> extends ConnectionSocket<Data> {
  readonly #connection: ServerConnection
  readonly #topics: Topics<ServerConnection>
  static {
    connectionOf = socket => (#connection in socket ? socket.#connection : undefined)
  }

  /** Created by the server. */
  constructor(
    connection: ServerConnection,
    topics: Topics<ServerConnection>,
    handshake: SocketHandshake,
    id: number,
    data: Data,
  ) {
    super(connection, handshake, id, data)
    this.#connection = connection
    this.#topics = topics
  }

  /**
   * Subscribes to a topic. Returns false if the socket already was subscribed, or is not open.
   * Throws a `RangeError` above the server's `maxTopics`.
   */
  subscribe(topic: string): boolean {
    return this.state === 'open' && this.#topics.subscribe(this.#connection, topic)
  }

  /** Ends a subscription. Returns false if there was none. */
  unsubscribe(topic: string): boolean {
    return this.#topics.unsubscribe(this.#connection, topic)
  }

  /** The topics that it is subscribed to. */
  get topics(): ReadonlySet<string> {
    return this.#topics.topicsOf(this.#connection)
  }
}
