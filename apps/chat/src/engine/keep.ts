/** Checks the number of entries to keep. Throws a `RangeError`. */
export function checkKeep(keep: number): number {
  if (keep === Number.POSITIVE_INFINITY || (Number.isSafeInteger(keep) && keep >= 1)) return keep
  throw new RangeError(`keep must be a whole number from 1, not ${keep}`)
}
