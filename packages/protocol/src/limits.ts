// How much of a peer's data we are willing to hold, and for how long (RFC 6455 §10.4): every limit and every count of what
// they protect, in one place, so that no path of the data goes uncounted.

import { CloseCode, ProtocolError } from '@ws/frame'
import { Deadline } from './deadline.ts'

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

function checkSize(value: unknown): void {
  if (typeof value !== 'number')
    throw new TypeError(`maxSize of a stream must be a number of bytes, not ${typeof value}`)
  if (!(value >= 0))
    throw new RangeError(`maxSize of a stream must be 0 or more bytes, or Infinity, not ${value}`)
}

/** Throws a `ProtocolError` (1009) for a message of that many bytes, which is there as a whole, if they are too many. */
export function checkWhole(limits: Limits, length: number): void {
  if (length > limits.maxMessageSize) throwTooBig(limits.maxMessageSize)
}

/** The counts of a message that is arriving. */
export class MessageAccount {
  readonly #limits: Limits
  readonly #streamed: boolean
  readonly #maxSize: number
  #deadline: Deadline | undefined
  #announced = 0
  #produced = 0
  #fragments = 0

  /**
   * A message begins. If it is streamed, its receiver may want more or less of it than `maxMessageSize`; throws a `TypeError`
   * or a `RangeError` for a wish that is no size.
   */
  constructor(limits: Limits, streamed: boolean, maxSize: number = limits.maxMessageSize) {
    checkSize(maxSize)
    this.#limits = limits
    this.#streamed = streamed
    this.#maxSize = maxSize
  }

  /** The most bytes that the message may have. */
  get maxSize(): number {
    return this.#maxSize
  }

  /** Bytes of payload that its frames have announced so far: the message's size, once its last frame has begun. */
  get announced(): number {
    return this.#announced
  }

  /**
   * A frame of the message has been announced with that many bytes; `transformed` if an extension will make others of them.
   * Throws a `ProtocolError` before any of them is read: 1009, or 1008 for too many frames.
   */
  countFrame(payloadLength: number, transformed: boolean): void {
    this.#announced += payloadLength
    if (this.#announced > (transformed ? transformedBound(this.#maxSize) : this.#maxSize))
      throwTooBig(this.#maxSize)
    if (++this.#fragments > this.#limits.maxFragments) {
      throw new ProtocolError(
        CloseCode.policyViolation,
        `message of more than ${this.#limits.maxFragments} fragments (RFC 6455 §10.4)`,
      )
    }
  }

  /** Bytes that an extension has produced for this message. */
  get produced(): number {
    return this.#produced
  }

  /** How many more bytes an extension may produce for this message. */
  get room(): number {
    return this.#maxSize - this.#produced
  }

  /** An extension produced that many bytes. Throws a `ProtocolError` (1009) above the message's size. */
  countProduced(length: number): void {
    this.#produced += length
    if (this.#produced > this.#maxSize) throwTooBig(this.#maxSize)
  }

  /** A piece has arrived: if the message is streamed, its time begins anew. */
  progress(): void {
    if (this.#streamed) this.#deadline = undefined
  }

  /** Throws a `ProtocolError` (1008) if the message takes too long; see `Deadline.isExpired`. */
  tick(now: number, elapsed: number, standing: boolean): void {
    this.#deadline ??= new Deadline(this.#limits.messageTimeout)
    if (this.#deadline.isExpired(now, elapsed, standing)) {
      throw new ProtocolError(
        CloseCode.policyViolation,
        `message not complete after ${this.#limits.messageTimeout} ms (RFC 6455 §10.4)`,
      )
    }
  }
}

/** What a message of that size can grow to in the hands of an extension that failed to make it smaller. */
function transformedBound(size: number): number {
  return size + size / 16 + 1024
}

function throwTooBig(maxSize: number): never {
  throw new ProtocolError(CloseCode.messageTooBig, `message longer than ${maxSize} bytes (RFC 6455 §7.4.1)`)
}
