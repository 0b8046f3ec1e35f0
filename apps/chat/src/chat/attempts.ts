// How often somebody may try to sign in: from one address, and as one nick. What is remembered is bounded: who has rested is forgotten,
// and when too many are remembered, the oldest.

import type { Rate } from '@ws/server'
import { Allowance } from './allowance.ts'

/** From one address; as one nick, from anywhere. */
const PER_ADDRESS: Rate = { perSecond: 1 / 10, burst: 20 }
const PER_NICK: Rate = { perSecond: 1 / 20, burst: 10 }
const MAX_REMEMBERED = 10_000

/** To so many it is brought down then: making room costs little for each who comes. */
const REMEMBERED_AFTER = 9000

export class Attempts {
  readonly #allowances = new Map<string, Allowance>()

  /** Counts an attempt. Gives the milliseconds to wait, 0 for none. */
  take(address: string, nick: string, now: number): number {
    const wait = this.#allowance(`address ${address}`, PER_ADDRESS, now).take(now)
    return wait > 0 ? wait : this.#allowance(`nick ${nick}`, PER_NICK, now).take(now)
  }

  #allowance(key: string, rate: Rate, now: number): Allowance {
    const known = this.#allowances.get(key)
    if (known !== undefined) return known
    if (this.#allowances.size >= MAX_REMEMBERED) this.#forget(now)
    const made = new Allowance(rate, now)
    this.#allowances.set(key, made)
    return made
  }

  #forget(now: number): void {
    for (const [key, allowance] of this.#allowances) if (allowance.isFull(now)) this.#allowances.delete(key)
    for (const key of this.#allowances.keys()) {
      if (this.#allowances.size <= REMEMBERED_AFTER) return
      this.#allowances.delete(key)
    }
  }
}
