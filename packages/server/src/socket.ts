// A WebSocket connection of a server, as handlers see it: a socket that can also subscribe to
// topics.

import type { Socket as BaseSocket, SocketConnection, SocketHandshake } from '@ws/connection'
import { ConnectionSocket } from '@ws/connection/internal'
import type { Sendable } from '@ws/protocol'
import type { SocketPublishOptions } from './pubsub/publish-options.ts'
import type { Subscriber, Topics } from './pubsub/topics.ts'

/** The connection under a server's socket. */
export interface ServerConnection extends SocketConnection, Subscriber {
  /** The socket of this connection. */
  readonly socket: Socket
  send(data: Sendable): boolean
  close(code?: number, reason?: string): void
  readonly state: Subscriber['state']
}

/** One WebSocket of a server. `Data` is what `upgrade` returned for it. */
export interface Socket<out Data = unknown> extends BaseSocket<Data> {
  /**
   * Subscribes to a topic. Returns false if the socket already was subscribed, or is not open.
   * Throws a `RangeError` above the server's `maxTopics`.
   */
  subscribe(topic: string): boolean
  /** Ends a subscription. Returns false if there was none. */
  unsubscribe(topic: string): boolean
  /**
   * Sends a message, encoded once, to all subscribers of a topic but this socket, which need not
   * be one of them. Also works in the `close` handler. Returns the number of sockets of this
   * process that it was sent to or is kept for. Throws a `TypeError` or a `RangeError` for wrong
   * options.
   */
  publish(topic: string, data: Sendable, options?: SocketPublishOptions): number
  /** The topics that it is subscribed to. */
  readonly topics: ReadonlySet<string>
}

/** The connection under a socket; undefined if the value is not a socket of a server. */
export let connectionOf: (socket: Socket) => ServerConnection | undefined

/** The socket of a connection of a server. */
export class ServerSocket<Data = unknown> extends ConnectionSocket<Data> implements Socket<Data> {
  readonly #connection: ServerConnection
  readonly #topics: Topics<ServerConnection>
  static {
    connectionOf = socket =>
      typeof socket === 'object' && socket !== null && #connection in socket ? socket.#connection : undefined
  }

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

  subscribe(topic: string): boolean {
    return this.state === 'open' && this.#topics.subscribe(this.#connection, topic)
  }

  unsubscribe(topic: string): boolean {
    return this.#topics.unsubscribe(this.#connection, topic)
  }

  publish(topic: string, data: Sendable, options?: SocketPublishOptions): number {
    return this.#topics.publish(topic, data, options, this.#connection)
  }

  get topics(): ReadonlySet<string> {
    return this.#topics.topicsOf(this.#connection)
  }
}
