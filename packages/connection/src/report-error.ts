// Reports errors that a user's handler threw: to `onError`, or with their stack to the console.

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

/** Calls a handler that nothing waits for, whether or not it returns a promise. */
export function callSafely(handler: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const result = handler()
    if (isPromiseLike(result)) result.then(undefined, onFailure)
  } catch (error) {
    onFailure(error)
  }
}

/** Whether a handler returned something to wait for. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
