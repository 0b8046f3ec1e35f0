// Writes the index of words. Knows entries by their ids, rooms by theirs, and texts as words.ts takes them apart.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { wordsOf } from '../words.ts'

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

  constructor(database: DatabaseSync) {
    database.exec(FORGET)
    this.#insert = database.prepare('INSERT INTO search (rowid, room, body) VALUES (?, ?, ?)')
    this.#delete = database.prepare('DELETE FROM indexed WHERE id = ?')
  }

  add(id: number, room: number, text: string): void {
    this.#insert.run(id, String(room), wordsOf(text).join(' '))
  }

  remove(id: number): void {
    this.#delete.run(id)
  }
}
