// Finds the name that a misspelled one was meant to be.

/**
 * ` (did you mean "maxMessageSize"?)` if one of the known names is a few typing errors away, and the
 * whole list if none is. For the end of an error message.
 */
export function didYouMean(name: string, known: readonly string[]): string {
  const wanted = name.toLowerCase()
  const mistakes = Math.max(1, Math.floor(name.length / 4))
  let best: string | undefined
  let fewest = mistakes + 1
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), mistakes)
    if (distance < fewest) {
      best = candidate
      fewest = distance
    }
  }
  return best === undefined ? ` (expected one of ${known.join(', ')})` : ` (did you mean "${best}"?)`
}

/** Insertions, deletions and replacements from one word to the other; more than `most` if above. */
function editDistance(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) > most) return most + 1
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
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
