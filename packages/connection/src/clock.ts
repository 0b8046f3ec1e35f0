// One timer for many connections: ticks all of them, so that none needs a timer of its own.

/** An object whose deadlines are checked regularly. */
export interface Tickable {
  /**
   * `now` is in whole milliseconds of a clock that never goes back, `elapsed` the milliseconds
   * since the tick before.
   */
  tick(now: number, elapsed: number): void
}

/** Milliseconds between two ticks, unless a deadline is too short for that. */
const LONGEST_STEP = 1000
const SHORTEST_STEP = 10

/** Ticks while it has listeners. Never keeps the process alive. */
export class Clock {
  #step = LONGEST_STEP
  readonly #listeners = new Set<Tickable>()
  #timer: NodeJS.Timeout | undefined
  #last = 0
  #now = 0

  /** `shortest` is the shortest deadline in milliseconds that it must be precise enough for. */
  constructor(shortest: number) {
    this.serve(shortest)
  }

  /** Makes it precise enough for this deadline too. */
  serve(shortest: number): void {
    const step = Math.max(SHORTEST_STEP, Math.floor(shortest / 8))
    if (step >= this.#step) return
    this.#step = step
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#start()
  }

  /** Ticks this listener from now on. */
  add(listener: Tickable): void {
    this.#listeners.add(listener)
    if (this.#timer !== undefined) return
    this.#last = performance.now()
    this.#start()
  }

  /** Stops ticking it. */
  delete(listener: Tickable): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#step)
    this.#timer.unref()
  }

  #tick(): void {
    const real = performance.now()
    // A process that was stopped or busy has not read what its peers have sent since: that time
    // does not count against them.
    const before = Math.floor(this.#now)
    this.#now += Math.min(real - this.#last, 2 * this.#step)
    this.#last = real
    // V8 allocates an object for every fractional number, in each of thousands of connections.
    const now = Math.floor(this.#now)
    for (const listener of this.#listeners) listener.tick(now, now - before)
  }
}
