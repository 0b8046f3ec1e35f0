// Finds messages by the index of words. Read-only; runs on a thread of its own (search-worker.ts).

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Hit, SearchQuery, SearchResult } from '../engine.ts'
import { SearchBudget } from '../search/search-budget.ts'
import { textOf } from '../search/text-of.ts'
import { snippetOf, type Wanted, wantedBy } from '../search/words.ts'
import { readFolded } from './rows.ts'

export class Search {
  readonly #room: StatementSync
  readonly #find: StatementSync
  readonly #entry: StatementSync

  constructor(database: DatabaseSync) {
    this.#room = database.prepare('SELECT id FROM room WHERE name = ? AND NOT removed')
    this.#find = database.prepare(`
      SELECT entry.id FROM search CROSS JOIN entry ON entry.id = search.rowid CROSS JOIN room ON room.id = entry.room
      WHERE search MATCH ? AND search.rowid < ? AND NOT room.removed AND room.name NOT IN (SELECT value FROM json_each(?))
      ORDER BY search.rowid DESC LIMIT ?`)
    this.#entry = database.prepare(
      `SELECT entry.*, room.name, room.epoch FROM entry JOIN room ON room.id = entry.room
      WHERE entry.id = ? AND NOT room.removed`,
    )
  }

  async run(query: SearchQuery): Promise<SearchResult> {
    const wanted = wantedBy(query.text)
    if (wanted === undefined) return { hits: [] }
    const { limit, signal } = query
    const budget = new SearchBudget(signal)
    const ids = this.#ids(wanted, query)
    const hits: Hit[] = []
    let last: number | undefined
    for (const id of ids) {
      if (last !== undefined && (hits.length === limit || budget.isSpent)) return { hits, next: last }
      const entry = this.#read(id)
      const body = entry && textOf(entry)
      if (entry !== undefined && body !== undefined) hits.push({ entry, snippet: snippetOf(body, wanted) })
      last = id
      await budget.spend(body?.length ?? 0)
    }
    return { hits }
  }

  /** The ids of matching messages, greatest first, at most one more than the limit. */
  #ids(wanted: Wanted, { rooms, except = [], before = Number.MAX_SAFE_INTEGER, limit }: SearchQuery) {
    const among = rooms?.flatMap(name => (this.#room.get(name)?.id as number | undefined) ?? [])
    if (among?.length === 0) return []
    const rows = this.#find.all(matchOf(wanted, among), before, JSON.stringify(except), limit + 1)
    return rows.map(({ id }) => Number(id))
  }

  /** Undefined where it has been removed since it was found. */
  #read(id: number) {
    const row = this.#entry.get(id)
    return row && readFolded(row, { name: String(row.name), epoch: String(row.epoch) })
  }
}

/** A query of FTS5. Each text in quotation marks is a word of the index, whatever was typed. */
function matchOf(wanted: Wanted, rooms: readonly number[] | undefined): string {
  const phrases = wanted.map(phrase => quoted(phrase.trim()) + (phrase.endsWith(' ') ? '' : ' *'))
  const body = `body : (${phrases.join(' AND ')})`
  return rooms === undefined ? body : `room : (${rooms.map(quoted).join(' OR ')}) AND ${body}`
}

function quoted(words: string | number): string {
  return `"${words}"`
}
