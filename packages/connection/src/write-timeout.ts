// Notices a peer that takes nothing of what waits for it.

import type { Duplex } from 'node:stream'
import { Deadline } from '@ws/protocol'

/** Watches the output of one transport while something waits there. */
export class WriteTimeout {
  readonly #timeout: number
  #deadline: Deadline
  #remaining = 0

  /** `timeout` in milliseconds; `Infinity` for none. */
  constructor(timeout: number) {
    this.#timeout = timeout
    this.#deadline = new Deadline(timeout)
  }

  /** Whether nothing of what waits has left for too long; `remaining` is how much that is now. See `Deadline.isExpired`. */
  isExpired(now: number, elapsed: number, remaining: number): boolean {
    if (remaining !== this.#remaining) this.#deadline = new Deadline(this.#timeout)
    this.#remaining = remaining
    return this.#deadline.isExpired(now, elapsed, false)
  }
}

/**
 * Bytes that the transport has and the kernel has not taken. What is being written counts as a whole until it is done, unless the
 * handle below says how much of it is left; that is not documented, and done without where it is missing.
 */
export function unsentBytes(transport: Duplex & { _handle?: Handle | null }): number {
  const handle = transport._handle
  // That of TLS takes all at once, and passes it to the one of TCP.
  const queued = (handle?._parent ?? handle)?.writeQueueSize
  return transport.writableLength + (typeof queued === 'number' ? queued : 0)
}

interface Handle {
  readonly writeQueueSize?: unknown
  readonly _parent?: Handle | null
}
