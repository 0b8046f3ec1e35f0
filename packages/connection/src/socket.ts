// A WebSocket connection, as handlers see it.

import type { BinaryLike, CloseInfo, Message, Sendable, State } from '@ws/protocol'
import type { SendOptions } from './streaming/send-options.ts'
import type { PieceSource } from './streaming/send-stream.ts'
import { createStreams, type SocketStreams } from './streaming/web-streams.ts'

/** The connection under a socket. */
export interface SocketConnection {
  /** See `Socket.state`. */
  readonly state: State
  /** Whether messages can be sent: also after the peer's Close, until ours has been sent. */
  readonly canSend: boolean
  /** See `Socket.signal`. */
  readonly signal: AbortSignal
  /** See `Socket.closed`. */
  readonly closed: Promise<CloseInfo>
  /** See `Socket.latency`. */
  readonly latency: number | undefined
  readonly input: SocketInput
  readonly output: SocketOutput
  /** See `Socket.close`. */
  close(code?: number, reason?: string): void
  /** See `Socket.terminate`. */
  terminate(): void
}

/** The receiving half of a socket's connection. */
export interface SocketInput {
  /** The messages of a session; undefined for a socket with other handlers. */
  readonly messages: AsyncIterable<Message, undefined> | undefined
  /** See `Socket.pause`. */
  pauseDelivery(): void
  /** See `Socket.resume`. */
  resumeDelivery(): void
}

/** The sending half of a socket's connection. */
export interface SocketOutput {
  /** See `Socket.bufferedAmount`. */
  readonly bufferedAmount: number
  /** See `Socket.ready`. */
  readonly ready: Promise<void>
  /** Resolves with the close report once it is known and nothing can be sent any more. */
  readonly ended: Promise<CloseInfo>
  /** See `Socket.send`. */
  send(data: Sendable, options?: SendOptions): boolean
  /** See `Socket.sendStream`. */
  sendStream(source: PieceSource, options?: SendOptions): Promise<void>
  /** See `Socket.ping`. */
  ping(payload?: BinaryLike): void
  /** See `Socket.pong`. */
  pong(payload?: BinaryLike): void
}

/** The head of the request that a socket came of. */
export interface SocketRequest {
  readonly method: string
  /** As sent, such as `/chat?room=7`. */
  readonly target: string
  readonly headers: Headers
}

/** The facts of a socket's opening handshake. */
export interface SocketHandshake {
  readonly path: string
  readonly search: string
  readonly origin: string | undefined
  readonly protocol: string
  readonly extensions: string
  readonly remoteAddress: string
  readonly request?: SocketRequest | undefined
}

/**
 * One WebSocket, of a server or a client. `send`, `close` and the like do nothing on a closed
 * socket: they never throw because the peer has left.
 */
export interface Socket<out Data = unknown> extends AsyncDisposable {
  /** Your data. The object is yours to change; it cannot be replaced by another. */
  readonly data: Data
  /** Distinguishes the sockets of one server or client: 1, 2, 3 … */
  readonly id: number
  /** The requested path, as sent: neither decoded nor normalized. */
  readonly path: string
  /** The query with its question mark, or an empty string. */
  readonly search: string
  /** The origin of the page, if the socket is one of a page: `https://example.com`. */
  readonly origin: string | undefined
  /** The negotiated subprotocol, or an empty string. */
  readonly protocol: string
  /** The negotiated extension as in the handshake, `permessage-deflate`, or an empty string. */
  readonly extensions: string
  /** The head of the request, if the option `keepRequest` of its server is true. */
  readonly request?: SocketRequest | undefined
  /** The address of the peer; on a server, as reported by a proxy that `trustProxy` lists. */
  readonly remoteAddress: string
  /**
   * `closing` once `close` was called, the peer's Close has been received or the network has ended,
   * even while a handler is pending; `closed` when all messages have been handled.
   */
  readonly state: State
  /**
   * Aborted when the close report is known, which may be while a handler is pending. Its reason is
   * an `AbortError` whose `cause` is the report. Pass it to whatever a handler waits for: a handler
   * that rejects with it is not reported as an error.
   */
  readonly signal: AbortSignal
  /**
   * Resolves with the close report when it is known, which may be while a handler is pending. Never
   * rejects.
   */
  readonly closed: Promise<CloseInfo>
  /** Bytes that were accepted for sending and that the network has not taken. */
  readonly bufferedAmount: number
  /**
   * Resolves when `bufferedAmount` is below the high-water mark, or the socket has closed. Never
   * rejects.
   */
  readonly ready: Promise<void>
  /** Round-trip time of the last automatic ping in milliseconds; undefined before the first. */
  readonly latency: number | undefined
  /**
   * Sends a message: a string as text, bytes as binary (an `ArrayBuffer` or any view of one), or
   * what `prepare` made of either. Bytes must stay unchanged until they are written. Returns false
   * if the high-water mark has been reached (await `ready`, or wait for `drain`) or the socket is no
   * longer open. Throws a `TypeError` for anything else.
   */
  send(data: Sendable, options?: SendOptions): boolean
  /**
   * Sends one message in pieces, from an iterable or a stream of strings (text) or bytes (binary),
   * as fast as the peer accepts them; messages sent in the meantime wait behind it. Resolves when
   * the last piece has been accepted. Rejects if the socket closes first, and if the source fails:
   * the socket then closes with 1011, because half a message cannot be taken back. Without `type`
   * the first piece decides.
   */
  sendStream(source: PieceSource, options?: SendOptions): Promise<void>
  /**
   * The messages, once, and in a `session` only; elsewhere it throws a `TypeError`. The next
   * message is not read before it is asked for.
   */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined>
  /** Both directions as web streams, in a `session` only, and in place of the loop. */
  streams(): SocketStreams
  /** Sends a ping of at most 125 bytes (RFC 6455 §5.5.2). Throws a `RangeError` for more. */
  ping(payload?: BinaryLike): void
  /**
   * Sends a pong: the answer to a ping if `autoPong` is false, or an unsolicited heartbeat (RFC 6455
   * §5.5.3). Throws as `ping` does.
   */
  pong(payload?: BinaryLike): void
  /**
   * Delivers nothing received until `resume`: messages, pings, a Close and the end of the network
   * wait, and TCP holds the peer back above 64 KiB. Does nothing on a paused socket, nor on one that
   * is not open. Sending goes on.
   */
  pause(): void
  /**
   * Ends a pause; delivery goes on once the code that runs now has returned. `close` does so too,
   * because the peer's Close waits behind the messages, and so does the end of the network, after
   * `closeTimeout`.
   */
  resume(): void
  /**
   * Begins the closing handshake, after everything sent before. Messages that have not been
   * delivered are dropped, as in browsers. Throws a `RangeError` for a code that must not be sent
   * (RFC 6455 §7.4) or a reason longer than 123 bytes of UTF-8, a `TypeError` for a reason that is
   * not a string.
   */
  close(code?: number, reason?: string): void
  /** Ends the connection at once, without a Close frame. Unsent data is lost. */
  terminate(): void
  /**
   * Closes as `close()` does, and waits until the socket has closed: for `await using`. Not in a
   * handler of the same socket, for which the end waits.
   */
  [Symbol.asyncDispose](): Promise<void>
}

/** The socket of a connection. */
export class ConnectionSocket<Data = unknown> implements Socket<Data> {
  readonly data: Data
  readonly id: number
  readonly path: string
  readonly search: string
  readonly origin: string | undefined
  readonly protocol: string
  readonly extensions: string
  readonly #request: SocketRequest | undefined
  readonly #remoteAddress: string
  readonly #connection: SocketConnection

  constructor(connection: SocketConnection, handshake: SocketHandshake, id: number, data: Data) {
    this.#connection = connection
    this.data = data
    this.id = id
    this.path = handshake.path
    this.search = handshake.search
    this.origin = handshake.origin
    this.protocol = handshake.protocol
    this.extensions = handshake.extensions
    this.#request = handshake.request
    this.#remoteAddress = handshake.remoteAddress
  }

  get request(): SocketRequest | undefined {
    return this.#request
  }

  get remoteAddress(): string {
    return this.#remoteAddress
  }

  get state(): State {
    return this.#connection.state
  }

  get signal(): AbortSignal {
    return this.#connection.signal
  }

  get closed(): Promise<CloseInfo> {
    return this.#connection.closed
  }

  get bufferedAmount(): number {
    return this.#connection.output.bufferedAmount
  }

  get ready(): Promise<void> {
    return this.#connection.output.ready
  }

  get latency(): number | undefined {
    return this.#connection.latency
  }

  send(data: Sendable, options?: SendOptions): boolean {
    return this.#connection.output.send(data, options)
  }

  sendStream(source: PieceSource, options?: SendOptions): Promise<void> {
    return this.#connection.output.sendStream(source, options)
  }

  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    const { messages } = this.#connection.input
    if (messages === undefined)
      throw new TypeError('a socket is read by a loop in a session; here it has a message handler')
    return messages[Symbol.asyncIterator]()
  }

  streams(): SocketStreams {
    const connection = this.#connection
    const { output, closed } = connection
    return createStreams(this, {
      closed,
      sendingEnded: output.ended,
      get canSend() {
        return connection.canSend
      },
      get ready() {
        return output.ready
      },
      send: data => output.send(data),
      close: (code, reason) => connection.close(code, reason),
    })
  }

  ping(payload?: BinaryLike): void {
    this.#connection.output.ping(payload)
  }

  pong(payload?: BinaryLike): void {
    this.#connection.output.pong(payload)
  }

  pause(): void {
    this.#connection.input.pauseDelivery()
  }

  resume(): void {
    this.#connection.input.resumeDelivery()
  }

  close(code?: number, reason?: string): void {
    this.#connection.close(code, reason)
  }

  terminate(): void {
    this.#connection.terminate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    await this.closed
  }
}
