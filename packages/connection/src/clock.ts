// The one clock of a server: tells the time to all its connections at once, so that none of them needs a timer.

/** Who is told the time, in whole milliseconds of a clock that only goes forward, and how many have passed since the tick before. */
export interface Tickable {
  tick(now: number, elapsed: number): void
}

/** Between two ticks, in milliseconds, unless a deadline is shorter than this can serve. */
const LONGEST_STEP = 1000
const SHORTEST_STEP = 10

/** Ticks while there is somebody to be told; never keeps the process alive. */
export class Clock {
  #step = LONGEST_STEP
  readonly #listeners = new Set<Tickable>()
  #timer: NodeJS.Timeout | undefined
  #last = 0
  #now = 0

  /** Precise enough for deadlines of `shortest` milliseconds and more. */
  constructor(shortest: number) {
    this.serve(shortest)
  }

  /** Becomes precise enough for these too. */
  serve(shortest: number): void {
    const step = Math.max(SHORTEST_STEP, Math.floor(shortest / 8))
    if (step >= this.#step) return
    this.#step = step
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#start()
  }

  /** Tells this one the time from now on. */
  add(listener: Tickable): void {
    this.#listeners.add(listener)
    if (this.#timer !== undefined) return
    this.#last = performance.now()
    this.#start()
  }

  /** Tells it no more. */
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
    // A process that was stopped, or kept busy, has not looked at what its peers did meanwhile: that time does not count
    // against them. They get another step in which what has arrived is read.
    const before = Math.floor(this.#now)
    this.#now += Math.min(real - this.#last, 2 * this.#step)
    this.#last = real
    // Whole, for V8 gives every number that is not an object of its own, in each of thousands of connections.
    const now = Math.floor(this.#now)
    for (const listener of this.#listeners) listener.tick(now, now - before)
  }
}
