// Limits on the head of an HTTP message.

import { checkNames } from './check-names.ts'

/** Limits on one head: positive integers with defaults. */
export interface HeadLimits {
  /**
   * Bytes of the whole head, including the first and the empty line; 431 above it. Default: 16384,
   * as in Node.
   */
  readonly maxHeadSize?: number | undefined
  /** Header lines; 431 above it. Default: 100; browsers send about 20, and proxies add some. */
  readonly maxFields?: number | undefined
  /** Bytes of the request target; 414 above it. Default: 8192; RFC 9112 §3 recommends 8000. */
  readonly maxTargetLength?: number | undefined
}

interface ResolvedLimits {
  readonly maxHeadSize: number
  readonly maxFields: number
  readonly maxTargetLength: number
}

const DEFAULTS = checkLimits({})

/** A server has the same limits for every request (`pnpm bench handshakes`). */
const resolved = new WeakMap<HeadLimits, ResolvedLimits>()

/**
 * Adds the defaults. Throws a TypeError for an unknown name, and a RangeError for a limit that is
 * not a positive integer.
 */
export function resolveLimits(limits?: HeadLimits): ResolvedLimits {
  if (limits === undefined) return DEFAULTS
  const known = resolved.get(limits)
  if (known !== undefined) return known
  const complete = checkLimits(limits)
  resolved.set(limits, complete)
  return complete
}

function checkLimits(limits: HeadLimits): ResolvedLimits {
  checkNames(limits, ['maxHeadSize', 'maxFields', 'maxTargetLength'], 'limit')
  return {
    maxHeadSize: checkLimit('maxHeadSize', limits.maxHeadSize ?? 16384),
    maxFields: checkLimit('maxFields', limits.maxFields ?? 100),
    maxTargetLength: checkLimit('maxTargetLength', limits.maxTargetLength ?? 8192),
  }
}

function checkLimit(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${name} must be a positive integer, not ${String(value)}`)
  }
  return value
}
