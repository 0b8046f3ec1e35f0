// The handlers of a socket that servers and clients share.

import type { CloseInfo, Message } from '@ws/protocol'
import type { MessageStream } from './streaming/message-stream.ts'

/**
 * The handlers of a socket of type `S`. One object serves many sockets. A handler that throws or
 * rejects closes its socket with 1011, and affects nothing else.
 */
export interface ConnectionHandlers<S> {
  /**
   * A socket is open. If this returns a promise, nothing received is delivered until it settles.
   */
  open?(socket: S): void | Promise<void>
  /**
   * A message: text is a string, binary is a Uint8Array that is yours. If this returns a promise,
   * the next message of the same socket waits until it settles, and TCP holds the peer back.
   */
  message?(socket: S, data: Message): void | Promise<void>
  /**
   * A message in pieces as they arrive, in place of `message`, for those too large to hold in
   * memory. What has not been read when the promise settles is dropped.
   */
  stream?(socket: S, message: MessageStream): void | Promise<void>
  /**
   * The whole life of a socket in one function, in place of `open`, `message` and `stream`. It
   * reads with `for await (const message of socket)` or `socket.streams()`. The socket closes with
   * 1000 when it returns, and with 1011 when it throws.
   */
  session?(socket: S): void | Promise<void>
  /** There is room below the high-water mark again, after a `send` that returned false. */
  drain?(socket: S): void
  /** The end of a socket that was open; once, after all its messages. */
  close?(socket: S, report: CloseInfo): void
  /** A handler failed. Without this, the error goes to `console.error`. */
  error?(error: unknown, socket: S | undefined): void
}

/** The names of these handlers. */
export const CONNECTION_HANDLER_NAMES: readonly (keyof ConnectionHandlers<never>)[] = [
  'open',
  'message',
  'stream',
  'session',
  'drain',
  'close',
  'error',
]

/** Throws a `TypeError` for handlers that exclude each other. */
export function checkHandlers({ open, message, stream, session }: ConnectionHandlers<never>): void {
  if (session !== undefined && (open ?? message ?? stream) !== undefined)
    throw new TypeError('session takes the place of open, message and stream: give one or the others')
  if (message !== undefined && stream !== undefined)
    throw new TypeError('stream takes the place of message: give one or the other')
}
