// Search on a Redis: without an index, because memory is scarce there and an index of words takes
// several times as much of it as the words. The logs are read in small parts, so that other replies
// do not wait behind large ones.

import type { SearchQuery, SearchResult } from '../engine.ts'
import { type BackwardLog, type Placed, scan } from '../search/scan.ts'
import type { Head, RedisRooms } from './rooms.ts'

/** Entries of a room that are read at once. */
const PART = 200

/**
 * Bytes of entries that are read at once: of one room, and of all rooms at the start of a search.
 */
const LARGEST_PART = 32 * 1024
const SMALLEST_PART = 4 * 1024
const ALL_PARTS = 256 * 1024

/** Newest first. `all`: the names of all rooms, for a search that names none. */
export async function search(
  stored: RedisRooms,
  query: SearchQuery,
  all: () => Promise<readonly string[]>,
): Promise<SearchResult> {
  const among = new Set(query.rooms ?? (await all()))
  for (const room of query.except ?? []) among.delete(room)
  const heads = await stored.heads([...among], query.before)
  const size = Math.min(Math.max(ALL_PARTS / Math.max(heads.length, 1), SMALLEST_PART), LARGEST_PART)
  return scan(
    heads.map(head => new RedisLog(stored, head, Math.floor(size))),
    query,
  )
}

/** One room, backward, a part at a time. */
class RedisLog implements BackwardLog {
  readonly #stored: RedisRooms
  readonly #room: string
  readonly #size: number
  /** The position of the next part. */
  #from: number
  #place: number | undefined
  #part: readonly Placed[] = []
  #index = 0

  constructor(stored: RedisRooms, { room, seq, id }: Head, size: number) {
    this.#stored = stored
    this.#room = room
    this.#size = size
    this.#from = seq
    this.#place = id
  }

  get place(): number | undefined {
    return this.#place
  }

  async read(): Promise<Placed | undefined> {
    if (this.#index === this.#part.length) await this.#readPart()
    const placed = this.#part[this.#index++]
    if (this.#index === this.#part.length) await this.#readPart()
    this.#place = this.#part[this.#index]?.id
    return placed
  }

  async #readPart(): Promise<void> {
    const rows = this.#from < 1 ? [] : await this.#stored.backward(this.#room, this.#from, PART, this.#size)
    this.#part = rows
    this.#index = 0
    this.#from = (rows.at(-1)?.entry.seq ?? 1) - 1
  }
}
