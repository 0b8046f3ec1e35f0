// The process that a schedule runs in: its clock, its timers, its chance and its order of callbacks stand in place of Node's own while
// it runs, so that nothing happens but what the schedule says, and the same seed gives the same run. Knows no server.

/** What is put off with a time. */
interface Timer {
  due: number
  /** Milliseconds between two runs; undefined for one run only. */
  readonly period: number | undefined
  readonly run: () => void
}

/** What the code under test is given for a timer. */
interface Handle {
  readonly timer: Timer
  unref(): Handle
  ref(): Handle
}

type Tick = readonly [run: (...args: unknown[]) => void, args: unknown[]]

/** What Node's REPL runs what has been put off with; not documented. */
const runMicrotasks = (process as { _tickCallback?: () => void })._tickCallback

/** More callbacks than this in one step run in a circle. */
const MOST_TICKS = 100_000

/**
 * A process of its own. Between `start` and `stop`, which must be in one callback of Node's, the global timers, `performance.now`,
 * `Math.random`, `setImmediate` and `process.nextTick` are its.
 */
export class SimulatedProcess {
  #now = 0
  #timers: Timer[] = []
  #ticks: Tick[] = []
  #immediates: (() => void)[] = []
  readonly #random: () => number
  readonly #uncaught: (error: unknown) => void
  #restore: (() => void) | undefined

  /** `uncaught` is told what would have ended the process: what a callback throws, and rejections that nobody handles. */
  constructor(random: () => number, uncaught: (error: unknown) => void) {
    if (runMicrotasks === undefined) throw new Error('this Node has no process._tickCallback')
    this.#random = random
    this.#uncaught = uncaught
  }

  /** Milliseconds since it was made. */
  get now(): number {
    return this.#now
  }

  /** Timers that have not run. */
  get timers(): number {
    return this.#timers.length
  }

  start(): void {
    const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis
    const { random } = Math
    const { nextTick } = process
    const uncaught = this.#uncaught
    Object.assign(globalThis, {
      setTimeout: (run: () => void, delay: number) => this.#add(run, delay, false),
      setInterval: (run: () => void, delay: number) => this.#add(run, delay, true),
      clearTimeout: (handle?: Handle) => this.#remove(handle),
      clearInterval: (handle?: Handle) => this.#remove(handle),
      setImmediate: (run: () => void) => void this.#immediates.push(run),
    })
    Math.random = this.#random
    performance.now = () => this.#now
    process.nextTick = (run: Tick[0], ...args: unknown[]) => void this.#ticks.push([run, args])
    process.on('unhandledRejection', uncaught)
    process.on('uncaughtException', uncaught)
    this.#restore = () => {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate })
      Math.random = random
      delete (performance as { now?: () => number }).now
      process.nextTick = nextTick
      process.off('unhandledRejection', uncaught)
      process.off('uncaughtException', uncaught)
    }
  }

  stop(): void {
    this.#restore?.()
    this.#restore = undefined
  }

  /**
   * Does something as a callback of Node's would, and then what that put off: ticks, microtasks and immediates, in Node's order.
   */
  run(callback: () => void): void {
    this.#guard(callback, [])
    this.settle()
    for (let count = 0; this.#immediates.length > 0; count++) {
      if (count === MOST_TICKS) throw new Error('immediates run in a circle')
      for (const immediate of this.#immediates.splice(0)) {
        this.#guard(immediate, [])
        this.settle()
      }
    }
  }

  /** Runs ticks and microtasks until there are none. */
  settle(): void {
    let count = 0
    do {
      for (let i = 0; i < this.#ticks.length; i++) this.#guard(...this.#ticks[i]!)
      count += this.#ticks.length
      this.#ticks.length = 0
      runMicrotasks!()
    } while (this.#ticks.length > 0 && count < MOST_TICKS)
    if (count < MOST_TICKS) return
    this.#ticks.length = 0
    this.#uncaught(new Error('callbacks run in a circle'))
  }

  /** Lets so many milliseconds pass, each timer on its time. */
  advance(milliseconds: number): void {
    const until = this.#now + milliseconds
    for (let timer = this.#nextDue(until); timer !== undefined; timer = this.#nextDue(until)) {
      this.#now = Math.max(this.#now, timer.due)
      this.#fire(timer)
    }
    this.#now = until
  }

  /** The process stands still so long: timers are late, and an interval runs once. */
  stall(milliseconds: number): void {
    this.#now += milliseconds
    for (const timer of [...this.#timers]) if (timer.due <= this.#now) this.#fire(timer)
  }

  #nextDue(until: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) if (timer.due <= until && (!next || timer.due < next.due)) next = timer
    return next
  }

  #fire(timer: Timer): void {
    // Cleared by one before it.
    if (!this.#timers.includes(timer)) return
    if (timer.period === undefined) this.#timers.splice(this.#timers.indexOf(timer), 1)
    else timer.due = this.#now + timer.period
    this.run(timer.run)
  }

  #add(run: () => void, delay: number, repeated: boolean): Handle {
    const milliseconds = Math.max(1, Math.trunc(delay) || 1)
    const timer = { due: this.#now + milliseconds, period: repeated ? milliseconds : undefined, run }
    this.#timers.push(timer)
    const handle: Handle = { timer, unref: () => handle, ref: () => handle }
    return handle
  }

  #remove(handle: Handle | undefined): void {
    const at = handle === undefined ? -1 : this.#timers.indexOf(handle.timer)
    if (at >= 0) this.#timers.splice(at, 1)
  }

  #guard(run: Tick[0], args: unknown[]): void {
    try {
      run(...args)
    } catch (error) {
      this.#uncaught(error)
    }
  }
}
