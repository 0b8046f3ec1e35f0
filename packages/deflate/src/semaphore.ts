// Limits how much work runs in the thread pool at the same time, over all connections.

/** Runs at most `limit` jobs at the same time, in the order in which they were added. */
export class Semaphore {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get running(): number {
    return this.#running
  }

  /** Runs a job when there is a free slot. Settles as the job does. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit) this.#running++
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await job()
    } finally {
      const next = this.#waiting.shift()
      // The next job takes over the slot.
      if (next === undefined) this.#running--
      else next()
    }
  }
}
