// Allowances in the memory of one process: for engines that serve one node, and for limits that
// each node has for itself.

import { type Rate, RateLimiter } from '@ws/server'
import { type AllowanceKind, type Allowances, Unavailable } from './engine.ts'

/** Keys remembered of each kind. */
const MAX_REMEMBERED = 10_000

/** Milliseconds between two searches of a full table for allowances that can be dropped. */
const SWEEP_INTERVAL = 1000

/** Allowances on one node. */
export class LocalAllowances implements Allowances {
  readonly #now: () => number
  /**
   * The last result of `now`, and the milliseconds since the first: they do not go back with it.
   */
  #last: number
  #time = 0
  readonly #tables = new Map<AllowanceKind, Table>()
  #isClosed = false

  constructor(now: () => number) {
    this.#now = now
    this.#last = now()
  }

  async take(kind: AllowanceKind, key: string, rate: Rate, cost = 1): Promise<number> {
    return this.takeNow(kind, key, rate, cost)
  }

  /** As `take`, for a check right before its effect. Throws {@link Unavailable} when closed. */
  takeNow(kind: AllowanceKind, key: string, rate: Rate, cost = 1): number {
    return this.#table(kind, rate).take(key, this.#passed(), cost)
  }

  /**
   * Takes `cost` even if too little is left, for costs that are known only afterwards. Throws
   * {@link Unavailable} when closed.
   */
  charge(kind: AllowanceKind, key: string, rate: Rate, cost: number): void {
    this.#table(kind, rate).charge(key, this.#passed(), cost)
  }

  /** Everything rejects from now on. */
  close(): void {
    this.#isClosed = true
    this.#tables.clear()
  }

  #passed(): number {
    const now = this.#now()
    this.#time += Math.max(0, now - this.#last)
    this.#last = now
    return this.#time
  }

  #table(kind: AllowanceKind, rate: Rate): Table {
    if (this.#isClosed) throw new Unavailable('the store is closed')
    const table = this.#tables.get(kind) ?? new Table(rate)
    this.#tables.set(kind, table)
    return table
  }
}

/**
 * The allowances of one kind. A full table drops those that are as new, and never one that is still
 * limited: new keys share one allowance until there is room again.
 */
class Table {
  readonly #rate: Rate
  readonly #limiters = new Map<string, RateLimiter>()
  #shared: RateLimiter | undefined
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(rate: Rate) {
    this.#rate = rate
  }

  take(key: string, now: number, cost: number): number {
    const limiter = this.#limiter(key, now)
    limiter.take(cost, now)
    return limiter.wait
  }

  charge(key: string, now: number, cost: number): void {
    this.#limiter(key, now).charge(cost, now)
  }

  #limiter(key: string, now: number): RateLimiter {
    const known = this.#limiters.get(key)
    if (known !== undefined) return known
    if (!this.#hasRoom(now)) {
      this.#shared ??= new RateLimiter(this.#rate, now)
      return this.#shared
    }
    const made = new RateLimiter(this.#rate, now)
    this.#limiters.set(key, made)
    return made
  }

  #hasRoom(now: number): boolean {
    if (this.#limiters.size < MAX_REMEMBERED) return true
    if (Math.abs(now - this.#sweptAt) < SWEEP_INTERVAL) return false
    this.#sweptAt = now
    for (const [key, limiter] of this.#limiters) if (limiter.isFull(now)) this.#limiters.delete(key)
    return this.#limiters.size < MAX_REMEMBERED
  }
}
