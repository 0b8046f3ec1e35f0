// Checks of option values. Nothing is coerced; an error says what is accepted.

export { checkNames } from '@ws/protocol'

/** The longest delay of a Node timer, in milliseconds; for a longer one it fires at once. */
const LONGEST_DELAY = 2 ** 31 - 1

/** Throws a `TypeError` unless each of these options is a function or left out. */
export function checkFunctions<Name extends string>(
  options: Partial<Record<Name, unknown>>,
  names: readonly Name[],
): void {
  for (const name of names) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw new TypeError(`${name} must be a function`)
  }
}

/** True or false. */
export function checkFlag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false, not ${typeof value}`)
  return value
}

/** A whole number above 0, or `Infinity`. */
export function checkCount(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`)
  if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value > 0)) {
    throw new RangeError(`${name} must be a whole number above 0, or Infinity, not ${value}`)
  }
  return value
}

/** Milliseconds that the shared clock counts: more than 0, or `Infinity`. */
export function checkTimeout(name: string, value: unknown): number {
  if (typeof value !== 'number')
    throw new TypeError(`${name} must be a number of milliseconds, not ${typeof value}`)
  if (!(value > 0))
    throw new RangeError(`${name} must be more than 0 milliseconds, or Infinity, not ${value}`)
  return value
}

/** Milliseconds for a Node timer, from 0. */
export function checkDelay(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`)
  if (!(value >= 0 && value <= LONGEST_DELAY))
    throw new RangeError(`${name} must be from 0 to ${LONGEST_DELAY} milliseconds, not ${value}`)
  return value
}
