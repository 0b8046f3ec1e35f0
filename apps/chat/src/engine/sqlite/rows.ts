// Rows of the table of entries, as entries.

import type { SQLOutputValue } from 'node:sqlite'
import type { Draft, Entry, Fold, Json } from '../../log/entry.ts'
import { uniteReactions } from '../../log/fold.ts'
import { makeEntry } from '../make-entry.ts'

export type Row = Record<string, SQLOutputValue>

interface RowRoom {
  readonly name: string
  readonly epoch: string
}

/**
 * Throws an error without the text: the message of `JSON.parse` would put a user's words into the
 * log.
 */
export function parse(text: SQLOutputValue | undefined): Json {
  try {
    return JSON.parse(String(text))
  } catch {
    throw new TypeError('the database contains a text that is not valid JSON')
  }
}

/** The entry as it was stored. */
export function readEntry(row: Row, { name, epoch }: RowRoom): Entry {
  const user = { id: String(row.user), nick: String(row.nick) }
  const draft = { kind: row.kind, data: parse(row.data), cid: row.cid, user } as Draft
  return makeEntry(draft, { room: name, epoch, seq: Number(row.seq), ts: Number(row.ts) })
}

/** The entry with its fold. */
export function readFolded(row: Row, room: RowRoom): Entry {
  const entry = readEntry(row, room)
  const fold = readFold(row)
  return fold ? { ...entry, fold } : entry
}

export function readFold({ fold }: Row): Fold | undefined {
  return typeof fold === 'string' ? uniteReactions(parse(fold) as unknown as Fold) : undefined
}

/** Characters of stored text. */
export function sizeOf({ data, fold }: Row): number {
  return String(data).length + (typeof fold === 'string' ? fold.length : 0)
}
