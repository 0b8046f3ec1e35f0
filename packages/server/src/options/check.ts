// Checks of options: nothing is coerced, and what is wrong throws with a sentence that says what is accepted.

/** The longest that Node's timers can wait, in milliseconds; for more they would not wait at all. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

/** Throws a `TypeError` unless every name of an option is known. */
export function checkNames(options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('the options must be an object')
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new TypeError(`there is no option ${name}; there are ${known.join(', ')}`)
  }
}

/** Throws a `TypeError` unless each of these is a function or left out. */
export function checkFunctions<Name extends string>(
  options: Partial<Record<Name, unknown>>,
  names: readonly Name[],
): void {
  for (const name of names) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw new TypeError(`${name} must be a function`)
  }
}

/** A whole number above 0, or `Infinity`. */
export function checkCount(name: string, value: number | undefined, defaultValue: number): number {
  if (value === undefined) return defaultValue
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`)
  if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value > 0)) {
    throw new RangeError(`${name} must be a whole number above 0, or Infinity, not ${value}`)
  }
  return value
}

/** Milliseconds that the server's clock counts: more than 0, or `Infinity`. */
export function checkTimeout(name: string, value: number | undefined, defaultValue: number): number {
  if (value === undefined) return defaultValue
  if (typeof value !== 'number')
    throw new TypeError(`${name} must be a number of milliseconds, not ${typeof value}`)
  if (!(value > 0))
    throw new RangeError(`${name} must be more than 0 milliseconds, or Infinity, not ${value}`)
  return value
}

/** Milliseconds for a timer of Node's, from 0 on. */
export function checkTimer(name: string, value: number | undefined, defaultValue: number): number {
  if (value === undefined) return defaultValue
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`)
  if (!(value >= 0 && value <= LONGEST_TIMEOUT))
    throw new RangeError(`${name} must be from 0 to ${LONGEST_TIMEOUT} milliseconds, not ${value}`)
  return value
}
