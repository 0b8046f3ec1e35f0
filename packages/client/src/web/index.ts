/**
 * The API of `@ws/client` over the platform's `WebSocket`, for browsers, workers, Deno and Bun.
 * @module @ws/client/web
 */

import type { Message } from '@ws/protocol'
import { type Retry, reconnect } from '../reconnect.ts'
import { open } from './open.ts'
import {
  type ClientSocket,
  type ConnectOptions,
  checkOptions,
  RECONNECTING,
  webSocketUrl,
} from './web-options.ts'

export { binary, createFormat, type Format, text, type ValueHandler } from '@ws/connection/format'
export { ConnectError, HandshakeError } from '../errors.ts'
export type { Retry } from '../reconnect.ts'
export type { RetryCause, RetryStep } from '../retry.ts'
export type { ClientSocket, ConnectOptions } from './web-options.ts'

/** The options of `reconnecting`. */
export type ReconnectingOptions<Value = Message> = ConnectOptions<Value> & {
  /** As in `@ws/client`; there is no `response`, because pages do not get it. */
  readonly retry?: Retry
}

/**
 * Opens a WebSocket, as `connect` of `@ws/client` does in Node. Throws a `TypeError` for options
 * that the platform cannot honor. Rejects with a `ConnectError` for any failure, because the
 * platform does not say why; messages that are not read wait in memory.
 */
export async function connect<Value = Message>(
  url: string | URL,
  options: ConnectOptions<Value> = {} as never,
): Promise<ClientSocket> {
  checkOptions(options)
  const { socket } = await open(webSocketUrl(url), options as unknown as ConnectOptions)
  return socket
}

/** Yields one socket after another, as `reconnecting` of `@ws/client` does in Node. */
export function reconnecting<Value = Message>(
  url: string | URL,
  options: ReconnectingOptions<Value> = {} as never,
): AsyncIterable<ClientSocket, undefined> {
  checkOptions(options, RECONNECTING)
  const { retry = (_cause, { delay }) => delay, ...others } = options
  const target = webSocketUrl(url)
  const given = others as unknown as ConnectOptions
  return {
    [Symbol.asyncIterator]: () =>
      reconnect({ open: () => open(target, given), retry, signal: options.signal }),
  }
}
