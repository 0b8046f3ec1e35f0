// How much of a peer's data we are willing to hold, and for how long (RFC 6455 §10.4): every limit and every count of what
// they protect, in one place, so that no path of the data goes uncounted.

/** What a connection accepts from its peer. */
export interface Limits {
  /**
   * The largest message in bytes, after any extension has undone its work; 1 MiB. At most 536,870,888: a longer text fits in
   * no string.
   */
  readonly maxMessageSize: number
  /** The most frames that one message may be cut into, empty ones counted; 131,072. */
  readonly maxFragments: number
  /** Milliseconds in which a message must be complete (a streamed one: must make progress) once it began; 60,000. */
  readonly messageTimeout: number
  /** Milliseconds that the peer has to answer a Close, and then to end the transport; 10,000. */
  readonly closeTimeout: number
}

/** The most UTF-16 units that a string of V8 can hold, and so the most bytes of a text. */
const LONGEST_STRING = 2 ** 29 - 24

/** What holds where a user says nothing. */
export const DEFAULT_LIMITS: Limits = {
  maxMessageSize: 2 ** 20,
  maxFragments: 131_072,
  messageTimeout: 60_000,
  closeTimeout: 10_000,
}

/**
 * Fills in what is missing; fields of other names are none of its business. Throws a `TypeError` or a `RangeError` that says
 * what is accepted.
 */
export function checkLimits(limits: Partial<Limits> = {}): Limits {
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
  return { maxMessageSize, maxFragments, messageTimeout, closeTimeout }
}

function checkCount(name: string, value: unknown, most: number): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`)
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new RangeError(`${name} must be a whole number from 1 to ${most}, not ${value}`)
  }
}

function checkTimeout(name: string, value: unknown): void {
  if (typeof value !== 'number')
    throw new TypeError(`${name} must be a number of milliseconds, not ${typeof value}`)
  if (!(value > 0))
    throw new RangeError(`${name} must be more than 0 milliseconds, or Infinity, not ${value}`)
}
