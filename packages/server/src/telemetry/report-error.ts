// Reports an error for which there is no socket yet.

import type { ErrorHandler } from '@ws/connection'
import { CHANNELS, reportError } from '@ws/connection/internal'
import type { Counters } from './stats.ts'

/** Counts and reports an error of `upgrade`, `http` or a route's pattern. Never throws. */
export function reportServerError<S>(
  server: object,
  counters: Counters,
  errorHandler: ErrorHandler<S> | undefined,
  error: unknown,
): void {
  counters.errors++
  if (CHANNELS.error.hasSubscribers)
    CHANNELS.error.publish({ socket: undefined, role: 'server', server, error })
  reportError(errorHandler, error, undefined)
}
