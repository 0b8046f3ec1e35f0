// Where an error goes that a handler of the user's threw: to the user's `onError`, or to the console with its stack.

import type { Handlers } from '../handlers.ts'
import type { Socket } from '../socket.ts'

/** Reports an error once. Never throws. */
export function reportError(onError: Handlers['onError'], error: unknown, socket: Socket | undefined): void {
  if (onError === undefined) {
    console.error(error)
    return
  }
  callSafely(
    () => onError(error, socket),
    another => console.error(error, another),
  )
}

/** Calls a handler that nothing waits for; it may return a promise all the same. */
export function callSafely(handler: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = handler()
    if (isPromiseLike(result)) result.then(undefined, failed)
  } catch (error) {
    failed(error)
  }
}

/** Whether a handler returned something to wait for. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
