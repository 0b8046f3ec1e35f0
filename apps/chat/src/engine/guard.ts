// Checks a guard against the states of rooms.

import type { Json } from '../log/entry.ts'
import { type Guard, isInForce, type Restriction } from '../log/room-state.ts'
import { Forbidden } from './engine.ts'

/** The first restriction of a guard that is in force; undefined where none is. */
export function findForbidden(
  guard: Guard,
  stored: (restriction: Restriction) => Json | undefined,
  now: number,
): Forbidden | undefined {
  for (const restriction of guard) {
    const value = stored(restriction)
    if (isInForce(value, now)) return new Forbidden(restriction, value)
  }
  return undefined
}
