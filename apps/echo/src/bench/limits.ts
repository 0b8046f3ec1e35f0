// The limits of one connection on any path but the plain echo, so that an instance can be public.

/** The limits. */
export interface BenchLimits {
  /** Milliseconds for which a connection may last. */
  readonly maxDuration: number
  /** Bytes of messages, sent and received together. */
  readonly maxBytes: number
  /** Bytes of messages that are sent per second, after a burst of one second. */
  readonly rate: number
}

export const DEFAULT_LIMITS: BenchLimits = { maxDuration: 600_000, maxBytes: 100e6, rate: 10e6 }
