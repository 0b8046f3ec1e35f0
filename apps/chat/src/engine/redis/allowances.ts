// Allowances for all nodes together, in a Redis.

import type { Rate } from '@ws/server'
import type { AllowanceKind, Allowances } from '../engine.ts'
import { allowanceKey } from './keys.ts'
import type { Ask } from './link.ts'
import { call, script } from './script.ts'

const TAKE = script('allowances/take')

export const ALLOWANCE_SCRIPTS = [TAKE]

export class RedisAllowances implements Allowances {
  readonly #ask: Ask
  readonly #now: () => number

  constructor(ask: Ask, now: () => number) {
    this.#ask = ask
    this.#now = now
  }

  async take(kind: AllowanceKind, key: string, { burst, perSecond }: Rate, cost = 1): Promise<number> {
    const values = [this.#now(), burst, perSecond / 1000, cost]
    return Number(await call(this.#ask, TAKE, [allowanceKey(kind, key)], values))
  }
}
