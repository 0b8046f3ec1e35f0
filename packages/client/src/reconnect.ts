// One socket after another, whatever opens them. Uses nothing of a platform but timers.

import { ConnectError, HandshakeError } from './errors.ts'
import { defaultDelay, type RetryCause, type RetryStep } from './retry.ts'

/** Decides on the next attempt; see `ReconnectingOptions`. */
export type Retry = (cause: RetryCause, step: RetryStep) => number | false

/** A socket of type `S`, and the way to be done with it. */
export interface OpenedSocket<S> {
  readonly socket: S
  /** Whether the socket has handlers for its messages; otherwise it is read by a loop. */
  readonly isHandled: boolean
  /** Closes with 1000 and drops unread messages, which would hold back the end. */
  readonly finish: () => void
}

/** What opens sockets, and for how long. */
export interface Reconnection<S> {
  /** Rejects with a `ConnectError`, a `HandshakeError`, or once the signal is aborted. */
  open(): Promise<OpenedSocket<S>>
  readonly retry: Retry
  readonly signal: AbortSignal | undefined
}

interface Closable {
  readonly closed: Promise<Exclude<RetryCause, Error>>
}

/** Milliseconds after which a connection has lived, so that the delays begin from the first. */
const LIVED = 10_000
/** The longest delay of a timer, in milliseconds; for a longer one it fires at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1

/** Yields sockets until `retry` gives up or the signal is aborted. */
export async function* reconnect<S extends Closable>(
  reconnection: Reconnection<S>,
): AsyncGenerator<S, undefined> {
  const { retry, signal } = reconnection
  for (let attempt = 1; !signal?.aborted; attempt++) {
    const opened = await openOrFail(reconnection)
    if (opened === undefined) return undefined
    let cause: RetryCause
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
    await sleep(checkDelay(delay), signal)
  }
  return undefined
}

/** The socket, or the error for which it is not open; undefined once the signal is aborted. */
async function openOrFail<S>({
  open,
  signal,
}: Reconnection<S>): Promise<OpenedSocket<S> | ConnectError | HandshakeError | undefined> {
  try {
    return await open()
  } catch (error) {
    if (signal?.aborted) return undefined
    if (error instanceof ConnectError || error instanceof HandshakeError) return error
    throw error
  }
}

/** Yields a socket until the loop requests the next one; returns its close report. */
async function* untilClosed<S extends Closable>(
  { socket, isHandled, finish }: OpenedSocket<S>,
  signal: AbortSignal | undefined,
): AsyncGenerator<S, RetryCause> {
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

function checkDelay(delay: number): number {
  if (typeof delay !== 'number' || !(delay >= 0 && delay <= LONGEST_DELAY)) {
    throw new TypeError(
      `retry must return false or from 0 to ${LONGEST_DELAY} milliseconds, not ${String(delay)}`,
    )
  }
  return delay
}

/** Resolves after the delay, or once the signal is aborted. */
function sleep(delay: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, delay)
    signal?.addEventListener('abort', end)
    if (signal?.aborted) end()
  })
}
