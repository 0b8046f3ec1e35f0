// How a database is reached: it is read at once; writes that come in one turn of the event loop share a transaction, for what costs
// is not to write but to wait for the disk. Knows no table.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { Unavailable } from '../engine.ts'

/** Most writes in one transaction: the event loop waits for it. */
const MOST = 1000

interface Write {
  /** Writes; the result tells the caller, once it is on disk. */
  run(): () => void
  reject(error: unknown): void
}

/** Reads from a database, and is the only one who writes into it. */
export class Access {
  readonly #database: DatabaseSync
  readonly #savepoint: StatementSync
  readonly #release: StatementSync
  #waiting: Write[] = []
  #scheduled = false

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#savepoint = database.prepare('SAVEPOINT one')
    this.#release = database.prepare('RELEASE one')
  }

  /**
   * Resolves with what `work` returns when that is on disk. An error of `work` undoes what it wrote, and nothing else of this turn.
   * Where the disk does not take it, nothing of the turn is written, and all of it rejects with {@link Unavailable}.
   */
  write<Result>(work: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const run = () => {
        const result = work()
        return () => resolve(result)
      }
      this.#waiting.push({ run, reject })
      this.#schedule()
    })
  }

  /** Resolves with what `work` returns. Rejects with {@link Unavailable} where SQLite fails. */
  async read<Result>(work: () => Result): Promise<Result> {
    try {
      return work()
    } catch (error) {
      throw unavailable(error)
    }
  }

  /** Writes what waits, now. */
  flush(): void {
    while (this.#waiting.length > 0) this.#commit(this.#waiting.splice(0, MOST))
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#commit(this.#waiting.splice(0, MOST))
      if (this.#waiting.length > 0) this.#schedule()
    })
  }

  #commit(writes: readonly Write[]): void {
    if (writes.length === 0) return
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      const tell = writes.map(write => this.#attempt(write))
      this.#database.exec('COMMIT')
      for (const each of tell) each()
    } catch (error) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK')
      for (const { reject } of writes) reject(unavailable(error))
    }
  }

  /** Throws only where the whole transaction is lost. */
  #attempt({ run, reject }: Write): () => void {
    this.#savepoint.run()
    try {
      const tell = run()
      this.#release.run()
      return tell
    } catch (error) {
      if (!this.#database.isTransaction) throw error
      this.#database.exec('ROLLBACK TO one; RELEASE one')
      return () => reject(unavailable(error))
    }
  }
}

/** The error itself, or {@link Unavailable} with it as its cause where it is of SQLite's or of a closed database. */
function unavailable(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ERR_SQLITE_ERROR' && code !== 'ERR_INVALID_STATE') return error
  return new Unavailable(`the store failed: ${(error as Error).message}`, { cause: error })
}
