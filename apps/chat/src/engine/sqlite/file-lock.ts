// One server at a time on a file. The database itself stays open to readers of other processes, such as a backup; what is locked is an
// empty database beside it. The system lets go of the lock when a process ends, however it ends.

import { DatabaseSync } from 'node:sqlite'

/** Held from its making until `release`. */
export class FileLock {
  readonly #lock: DatabaseSync

  /** Locks a file, by an empty one of the name with `-lock` behind it. Throws where another process, or another lock, has it. */
  constructor(file: string) {
    this.#lock = new DatabaseSync(`${file}-lock`, { timeout: 0 })
    try {
      this.#lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    } catch {
      this.#lock.close()
      throw new Error('another server has it open')
    }
  }

  release(): void {
    this.#lock.close()
  }
}
