// Files for one user of the machine: what people wrote, and what passwords and tokens are checked by, is in them.

import { chmodSync, closeSync, openSync, statSync } from 'node:fs'

const PRIVATE = 0o600
const OTHERS = 0o077

/** The files that SQLite makes beside a database, with the permissions of that. */
const BESIDE = ['', '-journal', '-wal', '-shm']

/**
 * Makes the file of a database if there is none, readable and writable for its user only. Takes the permissions of others
 * away from one that is there, and from what SQLite has left beside it. Throws as `openSync` does.
 */
export function makePrivate(file: string): void {
  closeSync(openSync(file, 'a', PRIVATE))
  for (const suffix of BESIDE) tighten(file + suffix)
}

function tighten(file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0
  if ((mode & OTHERS) === 0) return
  try {
    chmodSync(file, PRIVATE)
  } catch {
    // Some file systems have no permissions, and a file of another user is that user's.
  }
}
