// How often something may be done, for engines that serve one node. What is remembered is bounded: who has rested is forgotten, and when
// too many are remembered, the oldest.

import type { Rate } from '@ws/server'
import { Allowance } from './allowance.ts'
import { type Allowances, Unavailable } from './engine.ts'

const MAX_REMEMBERED = 10_000

/** To so many it is brought down then: making room costs little for each who comes. */
const REMEMBERED_AFTER = 9000

/** Allowances on one node. */
export class LocalAllowances implements Allowances {
  readonly #now: () => number
  readonly #allowances = new Map<string, Allowance>()
  #isClosed = false

  constructor(now: () => number) {
    this.#now = now
  }

  async take(name: string, rate: Rate): Promise<number> {
    if (this.#isClosed) throw new Unavailable('the store is closed')
    const now = this.#now()
    return this.#allowance(name, rate, now).take(now)
  }

  /** Everything rejects from now on. */
  close(): void {
    this.#isClosed = true
    this.#allowances.clear()
  }

  #allowance(name: string, rate: Rate, now: number): Allowance {
    const known = this.#allowances.get(name)
    if (known !== undefined) return known
    if (this.#allowances.size >= MAX_REMEMBERED) this.#forget(now)
    const made = new Allowance(rate, now)
    this.#allowances.set(name, made)
    return made
  }

  #forget(now: number): void {
    for (const [name, allowance] of this.#allowances) if (allowance.isFull(now)) this.#allowances.delete(name)
    for (const name of this.#allowances.keys()) {
      if (this.#allowances.size <= REMEMBERED_AFTER) return
      this.#allowances.delete(name)
    }
  }
}
