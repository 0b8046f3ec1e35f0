// Detects a peer that accepts none of the data queued for it.

import { Deadline } from '@ws/protocol'

/** Watches the output of one transport while data is queued in it. */
export class WriteTimeout {
  readonly #timeout: number
  #deadline: Deadline
  #remaining = 0

  /** `timeout` in milliseconds; `Infinity` for none. */
  constructor(timeout: number) {
    this.#timeout = timeout
    this.#deadline = new Deadline(timeout)
  }

  /**
   * Whether the number of queued bytes, now `remaining`, has not changed for too long. `now` and
   * `elapsed` as for `Deadline.isExpired`.
   */
  isExpired(now: number, elapsed: number, remaining: number): boolean {
    if (remaining !== this.#remaining) this.#deadline = new Deadline(this.#timeout)
    this.#remaining = remaining
    return this.#deadline.isExpired(now, elapsed, false)
  }
}
