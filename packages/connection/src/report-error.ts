// Reports errors that a user's handler threw: to the handler `error`, or with their stack to the console.

import { callSafely } from './call-safely.ts'

/** Called with an error, and the socket whose handler threw it, if it has one. */
export type ErrorHandler<S> = (error: unknown, socket: S | undefined) => unknown

/** Reports an error once. Never throws. */
export function reportError<S>(
  errorHandler: ErrorHandler<S> | undefined,
  error: unknown,
  socket: S | undefined,
): void {
  if (errorHandler === undefined) {
    console.error(error)
    return
  }
  callSafely(
    () => errorHandler(error, socket),
    another => console.error(error, another),
  )
}
