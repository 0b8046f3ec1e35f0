// Work in the thread pool, of all connections: so much at a time, first come, first served. Knows nothing of what it is.

/** A bound on how many jobs run at a time. */
export class Jobs {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(most: number) {
    this.#most = most
  }

  /** How many run now. */
  get running(): number {
    return this.#running
  }

  /** Runs a job when its turn has come; settles as the job does. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running < this.#most) this.#running++
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await job()
    } finally {
      const next = this.#waiting.shift()
      // It takes over the place.
      if (next === undefined) this.#running--
      else next()
    }
  }
}
