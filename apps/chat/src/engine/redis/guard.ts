// A guard within scripts: what must not be in force for the rest of a script to be run.

import type { Guard } from '../../log/room-state.ts'
import { Forbidden } from '../engine.ts'
import { stateKey } from './keys.ts'

/**
 * Lua. Gives the number of the first restriction that is in force, and its value; or nothing. The states of its rooms are in KEYS from
 * `key` on; `value` is the place in ARGV of the time, the number of restrictions and the key of each.
 */
export const IN_FORCE = `
  local function in_force(key, value)
    for i = 1, tonumber(ARGV[value + 1]) do
      local stored = redis.call('HGET', KEYS[key + i - 1], ARGV[value + 1 + i])
      if stored == 'true' or (stored and tonumber(stored) or 0) > tonumber(ARGV[value]) then return i, stored end
    end
  end
`

export function guardKeys(guard: Guard): readonly string[] {
  return guard.map(({ room }) => stateKey(room))
}

export function guardValues(guard: Guard, now: number): readonly (string | number)[] {
  return [now, guard.length, ...guard.map(({ key }) => key)]
}

/** The error for what `in_force` has found. */
export function readForbidden(guard: Guard, number: unknown, value: unknown): Forbidden {
  return new Forbidden(guard[Number(number) - 1]!, value === 'true' ? true : Number(value))
}
