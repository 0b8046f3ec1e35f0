// What may be done so often, for all nodes together, in a Redis.

import type { Rate } from '@ws/server'
import type { Allowances } from '../engine.ts'
import { allowanceKey } from './keys.ts'
import type { Ask } from './link.ts'
import { call, script } from './script.ts'

/**
 * A hash: what was left, and when. It goes when it is as if there had never been one. KEYS: the hash. ARGV: the time, burst, rate a
 * millisecond. Gives the milliseconds to wait.
 */
const TAKE = script(`
  local now, burst, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
  local known = redis.call('HMGET', KEYS[1], 'left', 'at')
  local left = burst
  if known[1] then left = math.min(burst, tonumber(known[1]) + math.max(0, now - tonumber(known[2])) * rate) end
  if left < 1 then return math.ceil((1 - left) / rate) end
  redis.call('HSET', KEYS[1], 'left', string.format('%.17g', left - 1), 'at', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], math.ceil((burst - left + 1) / rate))
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

  async take(name: string, { burst, perSecond }: Rate): Promise<number> {
    return Number(await call(this.#ask, TAKE, [allowanceKey(name)], [this.#now(), burst, perSecond / 1000]))
  }
}
