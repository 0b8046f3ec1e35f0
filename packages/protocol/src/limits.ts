// Limits on the memory and time that a peer can use (RFC 6455 §10.4).

import { checkNames } from './check-names.ts'

/** Limits on the messages of a peer. */
export interface Limits {
  /**
   * The largest message in bytes, after decompression. At most 536,870,888, the longest string of
   * V8. Default: 1,048,576.
   */
  readonly maxMessageSize: number
  /** The most frames of one message, including empty ones. Default: 131,072. */
  readonly maxFragments: number
  /**
   * Milliseconds in which a message must be complete, or a streamed message must make progress.
   * Default: 60,000.
   */
  readonly messageTimeout: number
  /**
   * Milliseconds for the peer to answer a Close frame, and then to end the transport. Default:
   * 10,000.
   */
  readonly closeTimeout: number
}

/** The longest string of V8 in UTF-16 units, and so the longest text in bytes. */
const LONGEST_STRING = 2 ** 29 - 24

/** The default limits. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  maxMessageSize: 2 ** 20,
  maxFragments: 131_072,
  messageTimeout: 60_000,
  closeTimeout: 10_000,
})

/** The results of `checkLimits`, which need no second check for each connection. */
const checked = new WeakSet<object>([DEFAULT_LIMITS])

/** The limits of a connection. Throws as `checkLimits` does. */
export function completeLimits(limits: Partial<Limits> = DEFAULT_LIMITS): Limits {
  return checked.has(limits) ? (limits as Limits) : checkLimits(limits)
}

/**
 * Adds defaults for missing limits. Throws a `TypeError` for an unknown name or a wrong type, and a
 * `RangeError` for a value out of range.
 */
export function checkLimits(limits: Partial<Limits> = {}): Limits {
  checkNames(limits, Object.keys(DEFAULT_LIMITS))
  const {
    maxMessageSize = DEFAULT_LIMITS.maxMessageSize,
    maxFragments = DEFAULT_LIMITS.maxFragments,
    messageTimeout = DEFAULT_LIMITS.messageTimeout,
    closeTimeout = DEFAULT_LIMITS.closeTimeout,
  } = limits
  checkCount('maxMessageSize', maxMessageSize, LONGEST_STRING)
  checkCount('maxFragments', maxFragments, 2 ** 31 - 1)
  checkTimeout('messageTimeout', messageTimeout)
  checkTimeout('closeTimeout', closeTimeout)
  const complete = Object.freeze({ maxMessageSize, maxFragments, messageTimeout, closeTimeout })
  checked.add(complete)
  return complete
}

function checkCount(name: string, value: unknown, max: number): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`)
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${name} must be an integer from 1 to ${max}, not ${value}`)
  }
}

function checkTimeout(name: string, value: unknown): void {
  if (typeof value !== 'number')
    throw new TypeError(`${name} must be a number of milliseconds, not ${typeof value}`)
  if (!(value > 0))
    throw new RangeError(`${name} must be more than 0 milliseconds, or Infinity, not ${value}`)
}
