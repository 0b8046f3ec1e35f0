// The handlers of a socket that servers and clients share.

import type { Bytes, CloseInfo, Message, MessageType } from '@ws/protocol'
import type { Format } from './format.ts'
import { checkFunctions } from './options/check.ts'
import type { ConnectionSettings } from './options/connection-options.ts'
import type { Socket } from './socket.ts'
import type { MessageStream } from './streaming/message-stream.ts'

/**
 * The handlers of a socket of type `S`, whose `message` receives values of type `Value`. One object
 * serves many sockets. A handler may return anything: a promise is awaited, as described for each,
 * and every other value is ignored. One that throws or rejects closes its socket with 1011, and
 * affects nothing else.
 */
export interface ConnectionHandlers<in S, in out Value = Message> {
  /**
   * The format of messages: `text`, `binary`, `json(schema)`, or one of your own. Without it,
   * `message` receives them as they are.
   */
  readonly format?: Format<Value>
  /** A socket is open. Nothing received is delivered until the promise that it returns settles. */
  readonly open?: (socket: S) => unknown
  /**
   * A message: text is a string (bytes with `textAsBytes`), binary is a Uint8Array that is yours.
   * The next message of the same socket waits until the promise that it returns settles, and TCP
   * holds the peer back.
   */
  readonly message?: (socket: S, message: NoInfer<Value>, type: MessageType) => unknown
  /**
   * A message in pieces as they arrive, in place of `message`, for those too large to hold in
   * memory. What has not been read when the promise settles is dropped.
   */
  readonly stream?: (socket: S, message: MessageStream) => unknown
  /**
   * The whole life of a socket in one function, in place of `open`, `message` and `stream`. It
   * reads with `for await (const message of socket)` or `socket.streams()`. The socket closes with
   * 1000 when it returns, and with 1011 when it throws.
   */
  readonly session?: (socket: S) => unknown
  /**
   * A ping was received, and answered unless `autoPong` is false. The payload is yours. Messages do
   * not wait for the promise that it returns.
   */
  readonly ping?: (socket: S, payload: Bytes) => unknown
  /**
   * A pong was received: the answer to any ping, automatic ones included, or an unsolicited one.
   * The payload is yours. Messages do not wait for the promise that it returns.
   */
  readonly pong?: (socket: S, payload: Bytes) => unknown
  /** There is room below the high-water mark again, after a `send` that returned false. */
  readonly drain?: (socket: S) => unknown
  /** The end of a socket that was open; once, after all its messages. */
  readonly close?: (socket: S, info: CloseInfo) => unknown
  /** A handler failed. Without this, the error goes to `console.error`. */
  readonly error?: (error: unknown, socket: S | undefined) => unknown
}

/** Makes `format` required where not every message is a value. */
export type RequireFormat<Value> = Message extends Value ? unknown : { readonly format: object }

/** The names of the functions among these handlers. */
export const CONNECTION_HANDLER_NAMES: readonly Exclude<keyof ConnectionHandlers<never>, 'format'>[] = [
  'open',
  'message',
  'stream',
  'session',
  'ping',
  'pong',
  'drain',
  'close',
  'error',
]

/**
 * The handlers with their format applied: `message` takes messages as they are. `names` are those
 * of all functions among the handlers. Throws a `TypeError` for what is not a handler or a format,
 * and for handlers and settings that exclude each other.
 */
export function resolveHandlers<S extends Socket, Handlers extends ConnectionHandlers<S>>(
  handlers: Handlers & ConnectionHandlers<S>,
  names: readonly (keyof Handlers & string)[],
  settings: Pick<ConnectionSettings, 'textAsBytes'>,
): Handlers {
  checkFunctions(handlers, names)
  const { format, open, message, stream, session } = handlers
  if (session !== undefined && (open ?? message ?? stream) !== undefined)
    throw new TypeError('session takes the place of open, message and stream: give one or the others')
  if (message !== undefined && stream !== undefined)
    throw new TypeError('stream takes the place of message: give one or the other')
  if (format === undefined) return handlers
  // Also null and other values, from programs that are not checked.
  if (typeof (format as Format<Message> | null)?.wrap !== 'function')
    throw new TypeError('format must be a format, such as text, binary or json(schema)')
  if (message === undefined)
    throw new TypeError('format is that of message: give both (a session reads with format.read(socket))')
  if (settings.textAsBytes)
    throw new TypeError('textAsBytes is for messages without a format: give one or the other')
  const bound: Record<string, unknown> = {}
  for (const name of names) {
    const handler = handlers[name]
    if (typeof handler === 'function') bound[name] = handler.bind(handlers)
  }
  return { ...bound, format, message: format.wrap<S>(message.bind(handlers)) } as Handlers
}
