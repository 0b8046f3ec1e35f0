// What a handler holds in its hands: one WebSocket of a server.

import type { PieceSource } from '@ws/connection'
import { createStreams, type SocketStreams } from '@ws/connection'
import type { CloseReport, MessageType, SendOptions, State } from '@ws/protocol'
import type { Connection, Sendable } from './connection.ts'
import type { AcceptedUpgrade } from './upgrade/upgrade-handler.ts'

/** What is behind a socket; undefined where there is none, for it is no socket. */
export let connectionOf: (socket: Socket<never> | Socket) => Connection | undefined

/**
 * One WebSocket. To send or close after the end does nothing and never throws: that the peer has gone meanwhile is no mistake
 * of yours. `Data` is what `upgrade` said of it.
 */
export class Socket<Data = unknown> {
  /** What `upgrade` returned as `data`; yours to change. */
  data: Data
  /** Tells the sockets of one server apart: 1, 2, 3 … */
  readonly id: number
  /** The path that was asked for, literally: neither decoded nor normalised. */
  readonly path: string
  /** The query with its question mark, or an empty string. */
  readonly search: string
  /** The origin of the page, if it came from one: `https://example.com`. */
  readonly origin: string | undefined
  /** The subprotocol agreed on, or an empty string. */
  readonly protocol: string
  readonly #connection: Connection
  static {
    connectionOf = socket => (#connection in socket ? socket.#connection : undefined)
  }

  /** Made by the server. */
  constructor(connection: Connection, accepted: AcceptedUpgrade, id: number) {
    this.#connection = connection
    this.data = accepted.data as Data
    this.id = id
    this.path = accepted.judged.path
    this.search = accepted.judged.search
    this.origin = accepted.judged.origin
    this.protocol = accepted.protocol
  }

  /** The address of the client: of the other end of the connection, or as told by a proxy that `trustProxy` lists. */
  get remoteAddress(): string {
    return this.#connection.address
  }

  /** `closing` once `close` was called, or the network has failed; `closed` from the close report on. */
  get state(): State {
    return this.#connection.state
  }

  /** Resolves with the close report when the socket has closed. Never rejects. */
  get closed(): Promise<CloseReport> {
    return this.#connection.closed
  }

  /** Bytes that were accepted for sending and that the network has not taken. */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount
  }

  /** Resolves when `bufferedAmount` is below the high-water mark, or the socket has closed. Never rejects. */
  get ready(): Promise<void> {
    return this.#connection.ready
  }

  /** Milliseconds that the last ping of the server's own and its pong took; undefined before the first. */
  get latency(): number | undefined {
    return this.#connection.latency
  }

  /**
   * Sends a message: a string as text, bytes as binary, or what `prepare` made of either; bytes must stay as they are until they
   * have left. False if more than the high-water mark is now waiting (await `ready`, or wait for `drain`), or if the socket is no
   * longer open. Throws a `TypeError` for anything else.
   */
  send(data: Sendable, options?: SendOptions): boolean {
    return this.#connection.send(data, options)
  }

  /**
   * Sends one message in pieces, from an iterable or a stream of strings (a text) or of bytes, as fast as the peer takes them;
   * other messages that are sent meanwhile wait behind it. Resolves when the last piece has been accepted. Rejects if the socket
   * closes first, and if the source fails: the socket then closes with 1011, for half a message cannot be taken back.
   */
  sendStream(source: PieceSource, type?: MessageType): Promise<void> {
    return this.#connection.sendStream(source, type)
  }

  /** The messages, once and for a `session` only; elsewhere it throws a `TypeError`. The next is not read before it is asked for. */
  [Symbol.asyncIterator](): AsyncIterator<string | Uint8Array, undefined> {
    const { queue } = this.#connection
    if (queue === undefined)
      throw new TypeError('a socket is read by a loop in a session; here it has a message handler')
    return queue[Symbol.asyncIterator]()
  }

  /** Both directions as web streams, for a `session` only, and in place of the loop. */
  streams(): SocketStreams {
    return createStreams(this, this)
  }

  /** Sends a ping of at most 125 bytes (RFC 6455 §5.5.2). Throws a `RangeError` for more. */
  ping(payload?: Uint8Array): void {
    this.#connection.sendPing(payload)
  }

  /**
   * Begins the closing handshake, behind what was sent before. Throws a `RangeError` for a code that may not travel (RFC 6455
   * §7.4) or a reason above 123 bytes of UTF-8, a `TypeError` for a reason that is no string.
   */
  close(code?: number, reason?: string): void {
    this.#connection.beginClose(code, reason)
  }

  /** Ends the connection at once, without a Close; what waited to be sent is lost. */
  terminate(): void {
    this.#connection.tearDown()
  }

  /** Listens to a topic. False if it did already. Throws a `RangeError` above the server's `maxTopics`. */
  subscribe(topic: string): boolean {
    return this.#connection.subscribe(topic)
  }

  /** Listens no more. False if it did not. */
  unsubscribe(topic: string): boolean {
    return this.#connection.unsubscribe(topic)
  }

  /** What it listens to. */
  get topics(): ReadonlySet<string> {
    return this.#connection.topics
  }
}
