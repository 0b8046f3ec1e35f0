// Writes the index of words. Knows entries by their ids, rooms by theirs, and texts as words.ts
// takes them apart.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EntryData } from '../../log/entry.ts'
import { indexOf } from '../search/words.ts'
import { parse, readFold } from './rows.ts'

const INSERT = 'INSERT INTO search (rowid, room, body) VALUES (?, ?, ?)'

/** Writes all messages of a file into an index that is empty. */
export function fillIndex(database: DatabaseSync): void {
  const insert = database.prepare(INSERT)
  const messages = database.prepare("SELECT id, room, data, fold FROM entry WHERE kind = 'msg'")
  for (const row of messages.iterate()) {
    const { body } = parse(row.data) as unknown as EntryData['msg']
    const fold = readFold(row)
    if (!fold?.deleted) insert.run(row.id!, String(row.room), indexOf(fold?.body ?? body))
  }
}

/**
 * Deleting from an FTS5 table leaves a `last_insert_rowid` of its own tables, which is not a safe
 * integer: then `run` throws for each statement but INSERT. A deletion by a trigger leaves none.
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
    this.#insert = database.prepare(INSERT)
    this.#delete = database.prepare('DELETE FROM indexed WHERE id = ?')
  }

  add(id: number, room: number, text: string): void {
    this.#insert.run(id, String(room), indexOf(text))
  }

  remove(id: number): void {
    this.#delete.run(id)
  }
}
