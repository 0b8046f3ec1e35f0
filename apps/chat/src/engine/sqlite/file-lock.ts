// An exclusive lock for a file. The file itself stays open to others, such as a backup; the lock is
// held on an empty database beside it. The system releases it when the process ends, in any way.

import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { makePrivate } from './private-file.ts'

/** SQLite's result code for a locked database. */
const BUSY = 5

/** Held from its making until `release`. */
export class FileLock {
  readonly #file: string
  readonly #lock: DatabaseSync

  /**
   * Locks a file, by an empty one with the same name and `-lock`. Throws if that cannot be created,
   * and an `Error` with the message `taken` if another process or another lock holds it.
   */
  constructor(file: string, taken: string) {
    this.#file = `${file}-lock`
    makePrivate(this.#file)
    this.#lock = new DatabaseSync(this.#file, { timeout: 0 })
    try {
      this.#lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    } catch (error) {
      this.#lock.close()
      throw (error as { errcode?: number }).errcode === BUSY ? new Error(taken, { cause: error }) : error
    }
  }

  release(): void {
    this.#lock.close()
  }

  /** Releases it, and leaves nothing behind. */
  remove(): void {
    this.release()
    rmSync(this.#file, { force: true })
  }
}
