// Allowances in the memory of one process: for engines that serve one node, and for limits that each node has for itself.

import type { Rate } from '@ws/server'
import { Allowance } from './allowance.ts'
import { type AllowanceKind, type Allowances, Unavailable } from './engine.ts'

/** Keys remembered of each kind. */
const MAX_REMEMBERED = 10_000

/** Milliseconds between two searches of a full table for allowances that can be dropped. */
const SWEEP_INTERVAL = 1000

/** Allowances on one node. */
export class LocalAllowances implements Allowances {
  readonly #now: () => number
  readonly #tables = new Map<AllowanceKind, Table>()
  #isClosed = false

  constructor(now: () => number) {
    this.#now = now
  }

  async take(kind: AllowanceKind, key: string, rate: Rate, cost = 1): Promise<number> {
    return this.takeNow(kind, key, rate, cost)
  }

  /** As `take`, for a check right before what it allows. Throws {@link Unavailable} when closed. */
  takeNow(kind: AllowanceKind, key: string, rate: Rate, cost = 1): number {
    return this.#table(kind, rate).take(key, this.#now(), cost)
  }

  /** Takes `cost` whatever is left, for what is known only afterwards. Throws {@link Unavailable} when closed. */
  charge(kind: AllowanceKind, key: string, rate: Rate, cost: number): void {
    this.#table(kind, rate).charge(key, this.#now(), cost)
  }

  /** Everything rejects from now on. */
  close(): void {
    this.#isClosed = true
    this.#tables.clear()
  }

  #table(kind: AllowanceKind, rate: Rate): Table {
    if (this.#isClosed) throw new Unavailable('the store is closed')
    const table = this.#tables.get(kind) ?? new Table(rate)
    this.#tables.set(kind, table)
    return table
  }
}

/**
 * The allowances of one kind. A full table drops those that are as new, and never one that is still limited: new keys share one
 * allowance until there is room again.
 */
class Table {
  readonly #rate: Rate
  readonly #allowances = new Map<string, Allowance>()
  #shared: Allowance | undefined
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(rate: Rate) {
    this.#rate = rate
  }

  take(key: string, now: number, cost: number): number {
    return this.#allowance(key, now).take(now, cost)
  }

  charge(key: string, now: number, cost: number): void {
    this.#allowance(key, now).charge(now, cost)
  }

  #allowance(key: string, now: number): Allowance {
    const known = this.#allowances.get(key)
    if (known !== undefined) return known
    if (!this.#hasRoom(now)) {
      this.#shared ??= new Allowance(this.#rate, now)
      return this.#shared
    }
    const made = new Allowance(this.#rate, now)
    this.#allowances.set(key, made)
    return made
  }

  #hasRoom(now: number): boolean {
    if (this.#allowances.size < MAX_REMEMBERED) return true
    if (Math.abs(now - this.#sweptAt) < SWEEP_INTERVAL) return false
    this.#sweptAt = now
    for (const [key, allowance] of this.#allowances) if (allowance.isFull(now)) this.#allowances.delete(key)
    return this.#allowances.size < MAX_REMEMBERED
  }
}
