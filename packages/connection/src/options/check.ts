// Checks of option values. Nothing is coerced; an error says what is accepted.

/** The longest delay of a Node timer, in milliseconds; for a longer one it fires at once. */
const LONGEST_DELAY = 2 ** 31 - 1

/** Throws a `TypeError` for the name of an unknown option. */
export function checkNames(options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('the options must be an object')
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const nearest = findNearest(name, known)
    const hint = nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean "${nearest}"?`
    throw new TypeError(`unknown option "${name}" (${hint})`)
  }
}

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

/** The name that was probably meant: the one with the fewest typos, at most one per three letters. */
function findNearest(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined
  let least = Math.floor(name.length / 3) + 1
  for (const candidate of known) {
    const typos = countTypos(name, candidate)
    if (typos < least) [nearest, least] = [candidate, typos]
  }
  return nearest
}

/** The Levenshtein distance of two names, without regard to case. */
function countTypos(given: string, meant: string): number {
  const [from, to] = [given.toLowerCase(), meant.toLowerCase()]
  let row = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}
