/**
 * Formats: what the handler `message` receives in place of messages as they are. They need no Node.
 * @module @ws/connection/format
 */

import type { Bytes, Message, MessageType } from '@ws/protocol'
import { isPromiseLike } from './call-safely.ts'
import type { Socket } from './socket.ts'

/**
 * The format of the messages of a socket: `text`, `binary`, `json(schema)` of `@ws/connection/json`,
 * or one of your own, made by `createFormat`. It handles messages of another format by itself.
 */
export interface Format<out Value> {
  /** Turns a handler of values into a handler of messages. Called once for a route. */
  wrap<S extends Socket>(
    handler: (socket: S, value: Value, type: MessageType) => unknown,
  ): (socket: S, message: Message, type: MessageType) => unknown
  /** The values of the messages of a socket, for a session. */
  read(socket: Socket): AsyncIterable<Value, undefined>
}

/** A handler of values of any socket. */
export type ValueHandler<Value> = (socket: Socket, value: Value, type: MessageType) => unknown

/**
 * Makes a format of a function that turns a handler of values into a handler of messages. The
 * latter calls the former for each message that has a value, with its own socket, and returns the
 * result. It handles other messages by itself, for example by closing the socket.
 */
export function createFormat<Value>(
  wrap: (handler: ValueHandler<Value>) => ValueHandler<Message>,
): Format<Value> {
  if (typeof wrap !== 'function') throw new TypeError('createFormat takes a function')
  return {
    // A handler that gets only sockets of type S from the one, gets only those from the other.
    wrap: handler => wrap(handler as ValueHandler<Value>),
    read: socket => readValues(wrap, socket),
  }
}

async function* readValues<Value>(
  wrap: (handler: ValueHandler<Value>) => ValueHandler<Message>,
  socket: Socket,
): AsyncGenerator<Value, undefined> {
  const values: Value[] = []
  const accept = wrap((_, value) => values.push(value))
  for await (const message of socket) {
    const accepted = accept(socket, message, typeof message === 'string' ? 'text' : 'binary')
    if (isPromiseLike(accepted)) await accepted
    yield* values.splice(0)
  }
}

// "1003 indicates that an endpoint is terminating the connection because it has received a type of
// data it cannot accept (e.g., an endpoint that understands only text data MAY send this if it
// receives a binary message)." (RFC 6455 §7.4.1)

/** Texts. A binary message closes with 1003. */
export const text: Format<string> = createFormat(handler => (socket, message, type) => {
  if (typeof message === 'string') return handler(socket, message, type)
  return socket.close(1003, 'message is not text')
})

/** Binary messages. A text closes with 1003. */
export const binary: Format<Bytes> = createFormat(handler => (socket, message, type) => {
  if (typeof message !== 'string') return handler(socket, message, type)
  return socket.close(1003, 'message is not binary')
})
