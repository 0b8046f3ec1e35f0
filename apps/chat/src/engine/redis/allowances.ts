// Allowances for all nodes together, in a Redis.

import type { Rate } from '@ws/server'
import type { AllowanceKind, Allowances } from '../engine.ts'
import { allowanceKey } from './keys.ts'
import type { Ask } from './link.ts'
import { call, script } from './script.ts'

/**
 * A hash: what was left, and when. It expires when the allowance is full again. KEYS: the hash. ARGV: the time, burst, rate per
 * millisecond, cost. Gives the milliseconds to wait.
 */
const TAKE = script(`
  local now, burst, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
  local cost = tonumber(ARGV[4])
  local needed = math.min(cost, burst)
  local known = redis.call('HMGET', KEYS[1], 'left', 'at')
  local left = burst
  if known[1] then left = math.min(burst, tonumber(known[1]) + math.max(0, now - tonumber(known[2])) * rate) end
  if left < needed then return math.ceil((needed - left) / rate) end
  redis.call('HSET', KEYS[1], 'left', string.format('%.17g', left - cost), 'at', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], math.ceil((burst - left + cost) / rate))
  return 0
`)

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
