// Calls of handlers that may throw, or return a promise.

/** Calls a handler without waiting for it. `onFailure` gets its error, or that of its promise. */
export function callSafely(handler: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const result = handler()
    if (isPromiseLike(result)) result.then(undefined, onFailure)
  } catch (error) {
    onFailure(error)
  }
}

/** Whether a handler returned a promise, or another thenable. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
