// What a user can hang on the events of a socket.

import type { MessageStream } from '@ws/connection'
import type { CloseReport } from '@ws/protocol'
import type { Socket } from './socket.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

/** Whatever `new Headers()` takes. */
export type HeadersLike = ConstructorParameters<typeof Headers>[0]

/** What `upgrade` makes of a request that it accepts. */
export interface Upgraded<Data> {
  /** What `socket.data` will be; `undefined` where there is nothing to keep. */
  readonly data: Data
  /** One of the subprotocols that the client offered. Left out: the first of the option `subprotocols` that it offered. */
  readonly protocol?: string
  /** Further headers of the 101, cookies for example. */
  readonly headers?: HeadersLike
}

/**
 * What happens on the sockets of a server, or of one of its routes. One object serves them all. A handler that throws or rejects
 * closes its socket with 1011, and nothing else.
 */
export interface Handlers<Data = unknown> {
  /**
   * Somebody asks for a WebSocket: accept, with what is to be known of it, or refuse with a `Response` (it is written as it is). It
   * may return a promise; what the client sends meanwhile waits. A throw refuses with 500, silence with 503. First in the object,
   * so that TypeScript knows the type of `data` in those that follow.
   */
  upgrade?(request: UpgradeRequest): Upgraded<Data> | Response | Promise<Upgraded<Data> | Response>
  /** A socket is open. If it returns a promise, nothing that the peer sends is handed on until that settles. */
  open?(socket: Socket<Data>): void | Promise<void>
  /**
   * A message: text is a string, binary is a Uint8Array that is yours. If it returns a promise, the next message of the same
   * socket waits until that settles, and TCP makes the peer wait.
   */
  message?(socket: Socket<Data>, data: string | Uint8Array): void | Promise<void>
  /**
   * A message, in pieces as they come, in place of `message`: for those that are too large to be held. It is over when the promise
   * settles; what it has not read by then is dropped.
   */
  stream?(socket: Socket<Data>, message: MessageStream): void | Promise<void>
  /**
   * The whole life of a socket in one function, in place of `open`, `message` and `stream`: `for await (const message of socket)`,
   * or `socket.streams()`. When it returns, the socket closes with 1000; when it throws, with 1011.
   */
  session?(socket: Socket<Data>): void | Promise<void>
  /** What a `send` that returned false had to wait for has left. */
  drain?(socket: Socket<Data>): void
  /** The end of a socket that was open; once, after all its messages. */
  close?(socket: Socket<Data>, report: CloseReport): void
  /** A handler failed; `socket` is undefined if it was `upgrade`. Without this, the error and its stack go to `console.error`. */
  onError?(error: unknown, socket: Socket<Data> | undefined): void
}
