// Reports an error for which there is no socket yet.

import type { ErrorHandler } from '@ws/connection'
import { reportError } from '@ws/connection/internal'
import { CHANNELS } from './diagnostics.ts'
import type { Counters } from './stats.ts'

/** Counts and reports an error of `upgrade`, `http` or a route's pattern. Never throws. */
export function reportServerError<S>(
  counters: Counters,
  errorHandler: ErrorHandler<S> | undefined,
  error: unknown,
): void {
  counters.errors++
  if (CHANNELS.error.hasSubscribers) CHANNELS.error.publish({ error, socket: undefined })
  reportError(errorHandler, error, undefined)
}
