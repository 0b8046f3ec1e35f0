// When to connect again: the default delays, and where it gives up.

import type { CloseInfo } from '@ws/protocol'
import { type ConnectError, HandshakeError } from './errors.ts'

/** Why there is no connection. */
export type RetryCause = HandshakeError | ConnectError | CloseInfo

/** The default of a step. */
export interface RetryStep {
  /** Attempts since the last connection that lived: 1, 2, 3 … */
  readonly attempt: number
  /** Milliseconds until the next attempt; false to give up. */
  readonly delay: number | false
}

/** The upper limit of the first delay, and of all, in milliseconds. */
const FIRST_DELAY = 500
const LONGEST_DELAY = 30_000
const LONGEST_RETRY_AFTER = 300_000
/** "reconnect using a randomized delay of 5 - 30s" (the registry of close codes, 1012) */
const RESTART_DELAY = { from: 5000, to: 30_000 }

/** Statuses of the client's fault that may pass: Request Timeout, Too Early, Too Many Requests. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429])
/** Closes after which the next connection would end as this one. */
const FINAL_CODES: ReadonlySet<number> = new Set([1000, 1002, 1003, 1007, 1008, 1009, 1010])
/** Service Restart, Try Again Later. */
const RESTART_CODES: ReadonlySet<number> = new Set([1012, 1013])

/** The default delay before attempt `attempt + 1`, with full jitter, or false to give up. */
export function defaultDelay(
  cause: RetryCause,
  attempt: number,
  random: () => number = Math.random,
): number | false {
  if (typeof cause.code === 'number') {
    if (FINAL_CODES.has(cause.code)) return false
    const { from, to } = RESTART_DELAY
    if (RESTART_CODES.has(cause.code)) return from + random() * (to - from)
  } else if (cause instanceof HandshakeError && cause.response !== undefined) {
    const { status, headers } = cause.response
    if (status >= 400 && status < 500 && !PASSING_STATUSES.has(status)) return false
    const retryAfter = parseRetryAfter(headers.get('retry-after'), Date.now())
    return Math.max(Math.min(retryAfter, LONGEST_RETRY_AFTER), backoff(attempt, random))
  }
  return backoff(attempt, random)
}

function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(FIRST_DELAY * 2 ** (attempt - 1), LONGEST_DELAY)
}

/** Milliseconds until the time of a Retry-After; 0 without a valid one (RFC 9110 §10.2.3). */
function parseRetryAfter(value: string | null, now: number): number {
  if (value === null) return 0
  if (/^[0-9]+$/.test(value)) return Number(value) * 1000
  const time = value.endsWith(' GMT') ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? 0 : time - now
}
