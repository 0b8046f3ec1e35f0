// Opens the file of a chat: one of ours, complete, and exclusively. Logs that may differ from what
// clients have seen get new epochs.

import { DatabaseSync } from 'node:sqlite'
import { makeEpoch } from '../epoch.ts'
import { makePrivate } from './private-file.ts'
import { migrate } from './schema.ts'

/**
 * Milliseconds to wait for another process that has the file locked for a moment: the event loop
 * waits as well.
 */
const TIMEOUT = 1000

/**
 * Opens a file, or creates it, readable only by its owner. Throws an `Error` of one line that names
 * the file.
 */
export function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    makePrivate(file)
    database = new DatabaseSync(file, { timeout: TIMEOUT, enableForeignKeyConstraints: true })
    checkWhole(database)
    migrate(database)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    renewEpochs(database)
    return database
  } catch (error) {
    database?.close()
    throw cannotOpen(file, error)
  }
}

/** Why a file cannot be opened, in one line that names it. */
export function cannotOpen(file: string, cause: unknown): Error {
  return new Error(`cannot open ${file}: ${(cause as Error).message}`, { cause })
}

/** SQLite's result code for a file that is not a database. */
const CORRUPT = 11

/**
 * Throws if parts of a database are missing or damaged, before anything is written to it. Reads all
 * of it: a quarter of a second for 100,000 messages.
 */
export function checkWhole(database: DatabaseSync): void {
  const damage = findDamage(database)
  if (damage !== undefined) throw new Error(`it is damaged: ${damage.replaceAll('\n', ' ')}`)
}

function findDamage(database: DatabaseSync): string | undefined {
  try {
    const found = String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check)
    return found === 'ok' ? undefined : found
  } catch (error) {
    if ((error as { errcode?: number }).errcode === CORRUPT) return (error as Error).message
    throw error
  }
}

/** A copy may lack entries that clients have seen, and so may a log that has lost its end. */
function renewEpochs(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  const copied = database.prepare('DELETE FROM copied').run().changes > 0
  const logs = database.prepare(`
    SELECT id, top, oldest,
      (SELECT max(seq) FROM entry WHERE entry.room = room.id) AS last,
      (SELECT min(seq) FROM entry WHERE entry.room = room.id) AS first
    FROM room`)
  const renew = database.prepare('UPDATE room SET epoch = ?, top = ?, oldest = ? WHERE id = ?')
  const rewind = database.prepare(
    'UPDATE membership SET read = min(read, ?) WHERE room = (SELECT name FROM room WHERE id = ?)',
  )
  for (const { id, top, oldest, last, first } of logs.all()) {
    const whole = (last ?? 0) === top && (first ?? 1) === oldest
    if (copied || !whole) renew.run(makeEpoch(), last ?? 0, first ?? 1, id!)
    if (!whole) rewind.run(last ?? 0, id!)
  }
  database.exec('COMMIT')
}
