// Files for one user of the machine: they contain messages and the hashes of passwords and tokens.

import { chmodSync, closeSync, openSync, statSync } from 'node:fs'

const PRIVATE = 0o600
const OTHERS = 0o077

/** The files that SQLite makes beside a database, with the permissions of that. */
const BESIDE = ['', '-journal', '-wal', '-shm']

/**
 * Creates the file of a database if it does not exist, readable and writable by its owner only.
 * Removes the permissions of others from an existing one, and from SQLite's files beside it. Throws
 * as `openSync` does.
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
