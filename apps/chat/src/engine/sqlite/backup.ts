// Copies the file of a chat while a server works with it.

import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs'
import { backup as copyPages, DatabaseSync } from 'node:sqlite'
import { FileLock } from './file-lock.ts'
import { cannotOpen, checkWhole } from './open.ts'
import { APPLICATION_ID } from './schema.ts'

/** Pages that are copied before the next report: 4 MiB. */
const RATE = 1024

/**
 * Copies the current state of a database to a new file. The copy gets new epochs when it is opened,
 * because clients may have seen later entries of the original. `progress`: copied pages and all
 * pages. Rejects with an `Error` of one line if there is nothing to copy, if the copy is damaged,
 * if the target exists, or if another backup is writing it.
 */
export async function backup(
  from: string,
  to: string,
  progress: (done: number, total: number) => void = () => {},
): Promise<void> {
  const source = openSource(from)
  try {
    await writeAlone(to, part =>
      copyPages(source, part, {
        rate: RATE,
        progress: ({ totalPages, remainingPages }) => progress(totalPages - remainingPages, totalPages),
      }),
    )
  } catch (error) {
    throw new Error(`cannot write ${to}: ${(error as Error).message}`, { cause: error })
  } finally {
    source.close()
  }
}

/** Holds a lock on `to`, which appears only when it is complete. */
async function writeAlone(to: string, copy: (part: string) => Promise<unknown>): Promise<void> {
  const part = `${to}.part`
  const lock = new FileLock(part, 'another backup is just being made under this name')
  try {
    if (existsSync(to)) throw new Error('the file already exists')
    // There may be a part of a backup that was broken off.
    rmSync(part, { force: true })
    closeSync(openSync(part, 'wx', 0o600))
    await copy(part)
    mark(part)
    renameSync(part, to)
  } finally {
    rmSync(part, { force: true })
    lock.remove()
  }
}

/** In a read transaction, which does not see later writes. */
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

/** Marks the copy as one, and makes a single file of it, after checking that it is complete. */
function mark(file: string): void {
  const copy = new DatabaseSync(file)
  try {
    checkWhole(copy)
    copy.exec(`INSERT INTO copied (at) VALUES (${Date.now()}); PRAGMA journal_mode = DELETE`)
  } finally {
    copy.close()
  }
}
