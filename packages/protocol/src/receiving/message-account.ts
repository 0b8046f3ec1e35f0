// The counts that the limits apply to, for one message being received (RFC 6455 §10.4). All of its
// bytes are counted here, whether they are buffered, streamed or made by an extension.

import { ProtocolError } from '@ws/frame'
import { Deadline } from '../deadline.ts'
import type { Limits } from '../limits.ts'

/** Up to this size the output of an extension grows a buffer step by step. */
const SMALL = 64 * 1024

/** Throws a `ProtocolError` (1009) if a message of this size, received whole, is too large. */
export function checkMessageSize(limits: Limits, size: number): void {
  if (size > limits.maxMessageSize) throwTooBig(limits.maxMessageSize)
}

export class MessageAccount {
  readonly #limits: Limits
  readonly #isTransformed: boolean
  readonly #maxSize: number
  #deadline: Deadline | undefined
  #announced = 0
  #produced = 0
  #fragments = 0
  #isLastFrame = false

  /**
   * `maxSize` is the size that a stream asks for instead of `maxMessageSize`; throws a `TypeError`
   * or a `RangeError` if it is not a size.
   */
  constructor(limits: Limits, isTransformed: boolean, maxSize: number = limits.maxMessageSize) {
    checkSize(maxSize)
    this.#limits = limits
    this.#isTransformed = isTransformed
    this.#maxSize = maxSize
  }

  /**
   * Bytes for which a buffer may reserve memory before they arrive. An extension does not announce
   * how much it will produce. Above 64 KiB the maximum is expected, because a buffer that doubles
   * exists twice while it is copied, and a decompression bomb must not have that memory.
   */
  get expectedSize(): number {
    if (!this.#isTransformed) return this.#announced
    return this.#produced > SMALL ? this.#maxSize : 0
  }

  /** The size that the message can still reach: exact from its last frame on. */
  get reachableSize(): number {
    return this.#isLastFrame && !this.#isTransformed ? this.#announced : this.#maxSize
  }

  /** Bytes that an extension may still produce for this message. */
  get room(): number {
    return this.#maxSize - this.#produced
  }

  /**
   * Counts a frame when its header has arrived. Throws a `ProtocolError` before any of its payload
   * is read: 1009 for too many bytes, 1008 for too many frames.
   */
  countFrame(payloadLength: number, isLast: boolean): void {
    this.#isLastFrame = isLast
    this.#announced += payloadLength
    if (this.#announced > (this.#isTransformed ? transformedBound(this.#maxSize) : this.#maxSize))
      throwTooBig(this.#maxSize)
    if (++this.#fragments > this.#limits.maxFragments) {
      throw new ProtocolError(`message of more than ${this.#limits.maxFragments} fragments`, {
        code: 'ERR_WS_TOO_MANY_FRAGMENTS',
        closeCode: 1008,
        section: 'RFC 6455 §10.4',
      })
    }
  }

  /** Counts output of an extension. Throws a `ProtocolError` (1009) above the message's size. */
  countProduced(length: number): void {
    this.#produced += length
    if (this.#produced > this.#maxSize) throwTooBig(this.#maxSize)
  }

  /** Restarts the deadline: part of a streamed message has arrived. */
  progress(): void {
    this.#deadline = undefined
  }

  /** Throws a `ProtocolError` (1008) if the message takes too long; see `Deadline.isExpired`. */
  tick(now: number, elapsed: number, isStopped: boolean): void {
    this.#deadline ??= new Deadline(this.#limits.messageTimeout)
    if (this.#deadline.isExpired(now, elapsed, isStopped)) {
      throw new ProtocolError(`message not complete after ${this.#limits.messageTimeout} ms`, {
        code: 'ERR_WS_MESSAGE_TIMEOUT',
        closeCode: 1008,
        section: 'RFC 6455 §10.4',
      })
    }
  }
}

/** The largest size on the wire of a message that an extension failed to make smaller. */
function transformedBound(size: number): number {
  return size + size / 16 + 1024
}

function checkSize(value: unknown): void {
  if (typeof value !== 'number')
    throw new TypeError(`maxSize of a stream must be a number of bytes, not ${typeof value}`)
  if (!(value >= 0))
    throw new RangeError(`maxSize of a stream must be 0 or more bytes, or Infinity, not ${value}`)
}

function throwTooBig(maxSize: number): never {
  throw new ProtocolError(`message longer than ${maxSize} bytes`, {
    code: 'ERR_WS_MESSAGE_TOO_LARGE',
    closeCode: 1009,
    section: 'RFC 6455 §7.4.1',
  })
}
