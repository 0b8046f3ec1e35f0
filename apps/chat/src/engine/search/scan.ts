// Searches without an index: merges the logs of rooms, newest first, and checks each message.

import type { Entry } from '../../log/entry.ts'
import type { Hit, SearchResult } from '../engine.ts'
import { SearchBudget } from './search-budget.ts'
import { textOf } from './text-of.ts'
import { indexOf, isWanted, snippetOf, wantedBy } from './words.ts'

/**
 * An entry with its place among those of all rooms. `index`: its words as `indexOf` writes them,
 * where they are known already.
 */
export interface Placed {
  readonly id: number
  readonly entry: Entry
  readonly index?: string
}

/** The log of one room, newest first. */
export interface BackwardLog {
  /** The place of the entry that is read next; undefined at the end. */
  readonly place: number | undefined
  /** The entry at `place`; undefined if it has been removed since. */
  read(): Promise<Placed | undefined>
}

/**
 * Finds messages, newest first. An answer with `next` may have fewer hits than `limit`, or none.
 */
export async function scan(
  logs: readonly BackwardLog[],
  {
    text,
    limit,
    signal,
  }: { readonly text: string; readonly limit: number; readonly signal?: AbortSignal | undefined },
): Promise<SearchResult> {
  const wanted = wantedBy(text)
  if (wanted === undefined) return { hits: [] }
  const budget = new SearchBudget(signal)
  const hits: Hit[] = []
  let last: number | undefined
  for await (const placed of newestFirst(logs)) {
    const body = textOf(placed.entry)
    const isHit = body !== undefined && isWanted(placed.index ?? indexOf(body), wanted)
    if (last !== undefined && (budget.isSpent || (isHit && hits.length === limit)))
      return { hits, next: last }
    if (isHit) hits.push({ entry: placed.entry, snippet: snippetOf(body, wanted) })
    // Entries between the last hit and the next one need not be looked at again.
    last = placed.id
    await budget.spend(body?.length ?? 0)
  }
  return { hits }
}

/** The entries of several logs, merged. */
async function* newestFirst(logs: readonly BackwardLog[]): AsyncGenerator<Placed> {
  const waiting: BackwardLog[] = []
  for (const log of logs) insert(waiting, log)
  for (let log = waiting.pop(); log !== undefined; log = waiting.pop()) {
    const placed = await log.read()
    insert(waiting, log)
    if (placed !== undefined) yield placed
  }
}

/** Keeps the log with the newest entry last. */
function insert(logs: BackwardLog[], log: BackwardLog): void {
  const { place } = log
  if (place === undefined) return
  let low = 0
  let high = logs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (logs[middle]!.place! < place) low = middle + 1
    else high = middle
  }
  logs.splice(low, 0, log)
}
