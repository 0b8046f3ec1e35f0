// The range of a log for a query: the same in every engine.

import type { HistoryQuery } from './engine.ts'

/**
 * The first and last `seq`, both included; an empty range if the first is greater. `top` and
 * `oldest` bound the kept entries.
 */
export function rangeOf(
  { after, before, limit }: HistoryQuery,
  { oldest, top }: { readonly oldest: number; readonly top: number },
): readonly [first: number, last: number] {
  if (after !== undefined) {
    const first = Math.max(after + 1, oldest)
    return [first, Math.min(first + limit - 1, top)]
  }
  const last = Math.min((before ?? top + 1) - 1, top)
  return [Math.max(last - limit + 1, oldest), last]
}

/** Throws a `RangeError` for an invalid limit. */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(`limit must be a whole number from 1, not ${limit}`)
}
