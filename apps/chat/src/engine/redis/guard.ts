// A guard within scripts: what must not be in force for the rest of a script to be run.

import type { Guard } from '../../log/room-state.ts'
import { Forbidden } from '../engine.ts'
import { stateKey } from './keys.ts'

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
