// The index of words. Knows entries by their ids, rooms by theirs, and texts as words.ts takes them apart.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Wanted, wordsOf } from '../words.ts'

/** Where to look: in some rooms or in all, without those of some names, before an id. */
export interface SearchScope {
  readonly rooms?: readonly number[]
  readonly except: readonly string[]
  readonly before: number
  readonly limit: number
}

/**
 * Deleting from an FTS5 table leaves behind a `last_insert_rowid` of its own tables, which is no safe integer: from then on `run` throws
 * for each statement that is no INSERT. What a trigger does leaves none.
 */
const FORGET = `
  CREATE TEMP VIEW indexed AS SELECT rowid AS id FROM search;
  CREATE TEMP TRIGGER forget INSTEAD OF DELETE ON indexed BEGIN
    DELETE FROM search WHERE rowid = old.id;
  END`

/** Which messages have which words. */
export class SearchIndex {
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  readonly #find: StatementSync

  constructor(database: DatabaseSync) {
    database.exec(FORGET)
    this.#insert = database.prepare('INSERT INTO search (rowid, room, body) VALUES (?, ?, ?)')
    this.#delete = database.prepare('DELETE FROM indexed WHERE id = ?')
    this.#find = database.prepare(`
      SELECT entry.id FROM search CROSS JOIN entry ON entry.id = search.rowid CROSS JOIN room ON room.id = entry.room
      WHERE search MATCH ? AND search.rowid < ? AND NOT room.removed AND room.name NOT IN (SELECT value FROM json_each(?))
      ORDER BY search.rowid DESC LIMIT ?`)
  }

  add(id: number, room: number, text: string): void {
    this.#insert.run(id, String(room), wordsOf(text).join(' '))
  }

  remove(id: number): void {
    this.#delete.run(id)
  }

  /** The ids of what is wanted, greatest first. */
  find(wanted: Wanted, { rooms, except, before, limit }: SearchScope): readonly number[] {
    if (rooms?.length === 0) return []
    const rows = this.#find.all(matchOf(wanted, rooms), before, JSON.stringify(except), limit)
    return rows.map(({ id }) => Number(id))
  }
}

/** In FTS5's language. All in quotation marks are letters and digits, whatever was typed. */
function matchOf({ whole, beginning }: Wanted, rooms: readonly number[] | undefined): string {
  const body = `body : (${[...whole.map(quoted), `${quoted(beginning)} *`].join(' AND ')})`
  return rooms === undefined ? body : `room : (${rooms.map(quoted).join(' OR ')}) AND ${body}`
}

function quoted(word: string | number): string {
  return `"${word}"`
}
