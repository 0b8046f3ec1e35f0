// What a handler holds in its hands: one WebSocket of a server.

import type { Protocol, State } from '@ws/protocol'
import type { Connection } from './connection.ts'

/** What is known of a socket from its handshake. */
export interface SocketInfo {
  /** The path that was asked for, literally: neither decoded nor normalised. */
  readonly path: string
  /** The query with its question mark, or an empty string. */
  readonly search: string
  /** The origin of the page, if it came from one: `https://example.com`. */
  readonly origin: string | undefined
  /** The subprotocol agreed on, or an empty string. */
  readonly protocol: string
  /** The address of the other end of the TCP connection: of a proxy, if there is one. */
  readonly remoteAddress: string
}

/**
 * One WebSocket. To send or close after the end does nothing and never throws: that the peer has gone meanwhile is no mistake
 * of yours.
 */
export class Socket implements SocketInfo {
  readonly path: string
  readonly search: string
  readonly origin: string | undefined
  readonly protocol: string
  readonly remoteAddress: string
  readonly #connection: Connection
  readonly #protocol: Protocol

  /** Made by the server. */
  constructor(connection: Connection, protocol: Protocol, info: SocketInfo) {
    this.#connection = connection
    this.#protocol = protocol
    this.path = info.path
    this.search = info.search
    this.origin = info.origin
    this.protocol = info.protocol
    this.remoteAddress = info.remoteAddress
  }

  /** `closing` once `close` was called, or the network has failed; `closed` from the close report on. */
  get state(): State {
    return this.#connection.state
  }

  /** Bytes that were accepted for sending and that the network has not taken. */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount
  }

  /** Resolves when `bufferedAmount` is below the high-water mark, or the socket has closed. Never rejects. */
  get ready(): Promise<void> {
    return this.#connection.ready
  }

  /**
   * Sends a message: a string as text, bytes as binary; bytes must stay as they are until they have left. False if more than
   * the high-water mark is now waiting (await `ready`, or wait for `drain`), or if the socket is no longer open. Throws a
   * `TypeError` for anything else than a string or a `Uint8Array`.
   */
  send(data: string | Uint8Array): boolean {
    return this.#connection.send(data)
  }

  /** Sends a ping of at most 125 bytes (RFC 6455 §5.5.2). Throws a `RangeError` for more. */
  ping(payload?: Uint8Array): void {
    if (this.#protocol.ping(payload)) this.#connection.requestFlush()
  }

  /**
   * Begins the closing handshake, behind what was sent before. Throws a `RangeError` for a code that may not travel (RFC 6455
   * §7.4) or a reason above 123 bytes of UTF-8, a `TypeError` for a reason that is no string.
   */
  close(code?: number, reason?: string): void {
    this.#protocol.close(code, reason)
    this.#connection.requestFlush()
  }

  /** Ends the connection at once, without a Close; what waited to be sent is lost. */
  terminate(): void {
    this.#connection.tearDown()
  }
}
