// Guards in scripts: restrictions that stop the rest of a script.

import type { Guard } from '../../log/room-state.ts'
import { Forbidden } from '../engine.ts'
import { stateKey } from './keys.ts'

export function guardKeys(guard: Guard): readonly string[] {
  return guard.map(({ room }) => stateKey(room))
}

export function guardValues(guard: Guard, now: number): readonly (string | number)[] {
  return [now, guard.length, ...guard.map(({ key }) => key)]
}

/** The error for a result of `in_force`. */
export function readForbidden(guard: Guard, number: unknown, value: unknown): Forbidden {
  return new Forbidden(guard[Number(number) - 1]!, value === 'true' ? true : Number(value))
}
