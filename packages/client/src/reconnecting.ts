// One socket after another: connects again whenever a connection ends or does not open.

import { checkFunctions } from '@ws/connection/internal'
import type { Message } from '@ws/protocol'
import type { TlsSessions } from './dialing/tls.ts'
import { open } from './open.ts'
import { checkObject } from './options/checks.ts'
import { type ClientSocket, type ConnectOptions, resolveClientOptions } from './options/client-options.ts'
import { type Retry, reconnect } from './reconnect.ts'
import { parseTarget } from './target.ts'

/** The options of `reconnecting`, which gives them to each connection. */
export type ReconnectingOptions<Value = Message> = ConnectOptions<Value> & {
  /**
   * Called whenever a connection has ended or has not opened, with the default `delay`. Returns the
   * milliseconds until the next attempt, or false to give up: the loop then ends, and throws the
   * cause if that is an error.
   */
  readonly retry?: Retry
}

/**
 * Yields an open socket, and when it has ended, the next one. Options and handlers are those of
 * `connect`. A socket without a handler for messages is closed when the loop requests the next one;
 * one with handlers is waited for. Leaving the loop closes the socket with 1000; so does the
 * `signal`, which also ends the loop without an error.
 *
 * By default it waits for a random time of up to 0.5, 1, 2, … 30 seconds, or longer if a Retry-After
 * says so, up to 5 minutes, and 5 to 30 seconds after a close with 1012 or 1013. It gives up after a 4xx
 * other than 408, 425 and 429, and after a close with 1000, 1002, 1003, 1007, 1008, 1009 or 1010.
 *
 * Throws a `TypeError` or a `RangeError` for wrong options.
 */
export function reconnecting<Value = Message>(
  url: string | URL,
  options: ReconnectingOptions<Value> = {} as never,
): AsyncIterable<ClientSocket, undefined> {
  checkObject('options', options)
  const { retry = (_cause, { delay }) => delay, ...others } = options
  checkFunctions({ retry }, ['retry'])
  const target = parseTarget(url)
  const settings = resolveClientOptions(others as unknown as ConnectOptions)
  const { signal } = settings
  return {
    [Symbol.asyncIterator]: () => {
      const sessions: TlsSessions = new Map()
      return reconnect({ open: () => open(target, settings, sessions), retry, signal })
    },
  }
}
