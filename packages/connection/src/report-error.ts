// Reports errors that a user's handler threw: to `onError`, or with their stack to the console.

import { callSafely } from './call-safely.ts'

/** Called with an error, and the socket whose handler threw it, if it has one. */
export type ErrorHandler<S> = (error: unknown, socket: S | undefined) => void

/** Reports an error once. Never throws. */
export function reportError<S>(
  onError: ErrorHandler<S> | undefined,
  error: unknown,
  socket: S | undefined,
): void {
  if (onError === undefined) {
    console.error(error)
    return
  }
  callSafely(
    () => onError(error, socket),
    another => console.error(error, another),
  )
}
