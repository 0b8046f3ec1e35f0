// How large the head of an HTTP message may be. Knows no message: who reads one asks here.

/** Limits on one head; each is a positive integer, and each has a default. */
export interface HeadLimits {
  /**
   * Bytes of the whole head, first line and empty line included. Default 16384, as in Node; more is answered by 431.
   */
  readonly maxHeadSize?: number | undefined
  /** Header lines. Default 100: browsers send about 20, a chain of proxies adds some; more are answered by 431. */
  readonly maxFields?: number | undefined
  /** Bytes of the request target. Default 8192, a little over the 8000 of RFC 9112 §3; more is answered by 414. */
  readonly maxTargetLength?: number | undefined
}

interface ResolvedLimits {
  readonly maxHeadSize: number
  readonly maxFields: number
  readonly maxTargetLength: number
}

const DEFAULTS = checkLimits({})

/** The limits with their defaults in place. Throws a RangeError for one that is no positive integer. */
export function resolveLimits(limits?: HeadLimits): ResolvedLimits {
  return limits === undefined ? DEFAULTS : checkLimits(limits)
}

function checkLimits(limits: HeadLimits): ResolvedLimits {
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
