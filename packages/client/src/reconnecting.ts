// One socket after another: connects again whenever a connection ends or does not open.

import { setTimeout as sleep } from 'node:timers/promises'
import { checkDelay, checkFunctions } from '@ws/connection/internal'
import type { TlsSessions } from './dialing/tls.ts'
import { ConnectError, HandshakeError } from './errors.ts'
import { open } from './open.ts'
import type { OpenedSocket } from './open-client-socket.ts'
import {
  type ClientSettings,
  type ClientSocket,
  type ConnectOptions,
  resolveClientOptions,
} from './options/client-options.ts'
import { defaultDelay, type RetryCause, type RetryStep } from './retry.ts'
import { parseTarget, type Target } from './target.ts'

/** The options of `reconnecting`. */
export interface ReconnectingOptions extends ConnectOptions {
  /**
   * Called whenever a connection has ended or has not opened, with the default `delay`. Returns the
   * milliseconds until the next attempt, or false to give up: the loop then ends, and throws the
   * cause if that is an error.
   */
  readonly retry?: (cause: RetryCause, step: RetryStep) => number | false
}

/** Milliseconds after which a connection has lived, so that the delays begin from the first. */
const LIVED = 10_000

/**
 * Yields an open socket, and when it has ended, the next one. Options and handlers are those of
 * `connect`. A socket without a handler for messages is closed when the loop requests the next one;
 * one with handlers is waited for. Leaving the loop closes the socket with 1000; so does the
 * `signal`, which also ends the loop without an error.
 *
 * By default it waits for a random time of up to 0.5, 1, 2, … 30 seconds, or as a Retry-After says
 * up to 5 minutes, and 5 to 30 seconds after a close with 1012 or 1013. It gives up after a 4xx
 * other than 408, 425 and 429, and after a close with 1000, 1002, 1003, 1007, 1008, 1009 or 1010.
 *
 * Throws a `TypeError` or a `RangeError` for wrong options.
 */
export function reconnecting(
  url: string | URL,
  options: ReconnectingOptions = {},
): AsyncIterable<ClientSocket, undefined> {
  const { retry = (_cause, { delay }) => delay, ...others } = options
  checkFunctions({ retry }, ['retry'])
  const target = parseTarget(url)
  const settings = resolveClientOptions(others)
  return { [Symbol.asyncIterator]: () => reconnect(target, settings, retry) }
}

async function* reconnect(
  target: Target,
  settings: ClientSettings,
  retry: NonNullable<ReconnectingOptions['retry']>,
): AsyncGenerator<ClientSocket, undefined> {
  const sessions: TlsSessions = new Map()
  const { signal } = settings
  for (let attempt = 1; ; attempt++) {
    let cause: RetryCause
    const opened = await openOrFail(target, settings, sessions)
    if (opened === undefined) return undefined
    if (opened instanceof Error) {
      cause = opened
    } else {
      const start = performance.now()
      cause = yield* untilClosed(opened, signal)
      if (signal?.aborted) return undefined
      if (performance.now() - start >= LIVED) attempt = 1
    }
    const delay = retry(cause, { attempt, delay: defaultDelay(cause, attempt) })
    if (delay === false) {
      if (cause instanceof Error) throw cause
      return undefined
    }
    await sleepUnlessAborted(checkDelay('the delay of retry', delay), signal)
    if (signal?.aborted) return undefined
  }
}

/** The socket, or the error for which it is not open; undefined once the signal is aborted. */
async function openOrFail(
  target: Target,
  settings: ClientSettings,
  sessions: TlsSessions,
): Promise<OpenedSocket | ConnectError | HandshakeError | undefined> {
  try {
    return await open(target, settings, sessions)
  } catch (error) {
    if (settings.signal?.aborted) return undefined
    if (error instanceof ConnectError || error instanceof HandshakeError) return error
    throw error
  }
}

/** Yields a socket until the loop requests the next one; returns its close report. */
async function* untilClosed(
  { socket, isHandled, finish }: OpenedSocket,
  signal: AbortSignal | undefined,
): AsyncGenerator<ClientSocket, RetryCause> {
  signal?.addEventListener('abort', finish)
  try {
    yield socket
    if (isHandled) await socket.closed
  } finally {
    finish()
    await socket.closed
    signal?.removeEventListener('abort', finish)
  }
  return await socket.closed
}

async function sleepUnlessAborted(delay: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delay, undefined, signal && { signal })
  } catch {
    // Aborted.
  }
}
