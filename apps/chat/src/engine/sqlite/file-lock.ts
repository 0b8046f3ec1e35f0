// One at a time on a file. The file itself stays open to others, as a database does to a backup; what is locked is an empty database beside
// it. The system lets go of the lock when a process ends, however it ends.

import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { makePrivate } from './private-file.ts'

/** SQLite's result code for what somebody else has locked. */
const BUSY = 5

/** Held from its making until `release`. */
export class FileLock {
  readonly #file: string
  readonly #lock: DatabaseSync

  /**
   * Locks a file, by an empty one of the name with `-lock` behind it. Throws where that cannot be made, and an `Error` with `taken` as its
   * message where another process, or another lock, has it.
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
