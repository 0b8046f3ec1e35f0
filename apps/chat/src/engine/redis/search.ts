// Search without an index: reads the logs backward, all rooms together by their places, and looks at each message. Memory is what a Redis
// has least of, and an index of words takes several times as much of it as the words.

import type { Entry } from '../../log/entry.ts'
import type { Hit, SearchQuery } from '../engine.ts'
import { isWanted, snippetOf, type Wanted, wantedBy, wordsOf } from '../words.ts'
import type { RedisRooms, Row } from './rooms.ts'

/** Entries that one search looks at; then its answer has a `next`, and perhaps no hit. */
const MOST_LOOKED_AT = 5000

/** Entries that are read of each room at once: fewer where there are many rooms. */
const READ_AT_ONCE = 1000
const FEWEST_OF_A_ROOM = 10
const MOST_OF_A_ROOM = 200

interface Found {
  readonly hits: readonly Hit[]
  readonly next?: number
}

/** Newest first. `all`: the names of all rooms, for a search without any. */
export async function search(
  stored: RedisRooms,
  { text, rooms, except = [], before, limit }: SearchQuery,
  all: () => Promise<readonly string[]>,
): Promise<Found> {
  const wanted = wantedBy(text)
  if (wanted === undefined) return { hits: [] }
  const among = new Set(rooms ?? (await all()))
  for (const room of except) among.delete(room)
  const hits: Hit[] = []
  let lookedAt = 0
  let last = 0
  for await (const { id, entry } of newestFirst(stored, [...among], before)) {
    const hit = hitOf(entry, wanted)
    if ((hit !== undefined && hits.length === limit) || lookedAt === MOST_LOOKED_AT)
      return { hits, next: last }
    if (hit !== undefined) hits.push(hit)
    lookedAt++
    // What is between the last hit and the next one need not be looked at again.
    last = id
  }
  return { hits }
}

function hitOf(entry: Entry, wanted: Wanted): Hit | undefined {
  if (entry.kind !== 'msg' || entry.fold?.deleted) return undefined
  const body = entry.fold?.body ?? entry.data.body
  return isWanted(new Set(wordsOf(body)), wanted) ? { entry, snippet: snippetOf(body, wanted) } : undefined
}

/** The entries of several rooms by their places among those of all. */
async function* newestFirst(
  stored: RedisRooms,
  rooms: readonly string[],
  before: number | undefined,
): AsyncGenerator<Row> {
  const count = Math.round(READ_AT_ONCE / Math.max(rooms.length, 1))
  const size = Math.min(Math.max(count, FEWEST_OF_A_ROOM), MOST_OF_A_ROOM)
  const readers = await Promise.all(
    rooms.map(async room => {
      const from = before === undefined ? Number.MAX_SAFE_INTEGER : await stored.seek(room, before)
      return new BackwardReader(stored, room, from, size)
    }),
  )
  let left: readonly BackwardReader[] = readers
  for (;;) {
    await Promise.all(left.map(reader => reader.fill()))
    left = left.filter(({ next }) => next !== undefined)
    if (left.length === 0) return
    // One after the other, until one of them has to be read on.
    for (let reader = newestOf(left); reader.next !== undefined; reader = newestOf(left)) yield reader.take()
  }
}

/** Where all have something, the one whose place is the greatest; else one that has nothing. */
function newestOf(readers: readonly BackwardReader[]): BackwardReader {
  return readers.reduce((newest, reader) => {
    if (newest.next === undefined || reader.next === undefined)
      return newest.next === undefined ? newest : reader
    return reader.next.id > newest.next.id ? reader : newest
  })
}

/** One room, backward, some entries at a time. */
class BackwardReader {
  readonly #stored: RedisRooms
  readonly #room: string
  readonly #size: number
  #from: number
  #rows: readonly Row[] = []
  #index = 0

  constructor(stored: RedisRooms, room: string, from: number, size: number) {
    this.#stored = stored
    this.#room = room
    this.#from = from
    this.#size = size
  }

  /** Undefined where it has to be filled, or has come to its end. */
  get next(): Row | undefined {
    return this.#rows[this.#index]
  }

  take(): Row {
    const row = this.next!
    this.#index++
    return row
  }

  async fill(): Promise<void> {
    if (this.next !== undefined || this.#from < 1) return
    this.#rows = await this.#stored.backward(this.#room, this.#from, this.#size)
    this.#index = 0
    this.#from = (this.#rows.at(-1)?.entry.seq ?? 1) - 1
  }
}
