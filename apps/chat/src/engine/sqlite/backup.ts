// Copies the file of a chat while a server works with it.

import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs'
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
  const source = openSource(from)
  const part = `${to}.part`
  try {
    claim(part, to)
  } catch (error) {
    source.close()
    throw cannotWrite(to, error)
  }
  try {
    await copyPages(source, part, {
      rate: RATE,
      progress: ({ totalPages, remainingPages }) => progress(totalPages - remainingPages, totalPages),
    })
    mark(part)
    renameSync(part, to)
  } catch (error) {
    rmSync(part, { force: true })
    throw cannotWrite(to, error)
  } finally {
    source.close()
  }
}

/** Makes the file that is written to, readable for nobody else: who has made it is the only one who writes `to`. */
function claim(part: string, to: string): void {
  try {
    closeSync(openSync(part, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new Error(`${part} is there: another backup is being made, or was broken off`, { cause: error })
  }
  if (!existsSync(to)) return
  rmSync(part)
  throw new Error('it is there already')
}

function cannotWrite(file: string, cause: unknown): Error {
  return new Error(`cannot write ${file}: ${(cause as Error).message}`, { cause })
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
