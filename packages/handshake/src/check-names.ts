// Finds misspelled names of options: a copy of the file in `@ws/protocol`, because this package has
// no dependencies.

/** Throws a `TypeError` for the name of an unknown option, or of another `kind` of property. */
export function checkNames(options: object, known: readonly string[], kind = 'option'): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('the options must be an object')
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const nearest = findNearest(name, known)
    const hint = nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean "${nearest}"?`
    throw new TypeError(`unknown ${kind} "${name}" (${hint})`)
  }
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
