// Copies the file of a chat while a server works with it.

import { existsSync, renameSync, rmSync } from 'node:fs'
import { backup as copyPages, DatabaseSync } from 'node:sqlite'
import { cannotOpen } from './open.ts'
import { APPLICATION_ID } from './schema.ts'

/** Pages that are copied before the next report: 4 MiB. */
const RATE = 1024

/**
 * Copies a database as it is at this moment to a new file. Who opens the copy begins new epochs, for clients may have seen entries
 * that are not in it. `progress`: how many of how many pages. Rejects with an `Error` of one line where there is nothing to copy, or
 * something where the copy is to be.
 */
export async function backup(
  from: string,
  to: string,
  progress: (done: number, total: number) => void = () => {},
): Promise<void> {
  if (existsSync(to)) throw new Error(`cannot write ${to}: it is there already`)
  const source = openSource(from)
  const part = `${to}.part`
  try {
    rmSync(part, { force: true })
    await copyPages(source, part, {
      rate: RATE,
      progress: ({ totalPages, remainingPages }) => progress(totalPages - remainingPages, totalPages),
    })
    mark(part)
    renameSync(part, to)
  } catch (error) {
    rmSync(part, { force: true })
    throw new Error(`cannot write ${to}: ${(error as Error).message}`, { cause: error })
  } finally {
    source.close()
  }
}

/** With a transaction that sees nothing of what is written from now on. */
function openSource(file: string): DatabaseSync {
  let source: DatabaseSync | undefined
  try {
    source = new DatabaseSync(file, { readOnly: true })
    const id = source.prepare('PRAGMA application_id').get()?.application_id
    if (id !== APPLICATION_ID) throw new Error('it is not the database of a chat')
    source.exec('BEGIN; SELECT count(*) FROM copied')
    return source
  } catch (error) {
    source?.close()
    throw cannotOpen(file, error)
  }
}

/** Says in the copy that it is one, and makes one file of it. */
function mark(file: string): void {
  const copy = new DatabaseSync(file)
  try {
    copy.exec(`INSERT INTO copied (at) VALUES (${Date.now()}); PRAGMA journal_mode = DELETE`)
  } finally {
    copy.close()
  }
}
