// Access to a database. Reads run at once; writes of one turn of the event loop share a
// transaction, because waiting for the disk is what costs. Independent of tables.

import type { DatabaseSync } from 'node:sqlite'
import { type Sink, Unavailable } from '../engine.ts'

/** Most writes in one transaction: the event loop waits for it. */
const MOST = 1000

/** Milliseconds between two attempts to write, while the disk does not take anything. */
const ATTEMPT_INTERVAL = 1000

/** Writes something, and needs room for it, and leaves nothing behind. */
const ATTEMPT = 'CREATE TABLE attempt (value); DROP TABLE attempt'

/**
 * SQLITE_BUSY, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB: the database is at fault,
 * not the statement.
 */
const DOWN: ReadonlySet<number> = new Set([5, 7, 8, 10, 11, 13, 14, 26])

interface Write {
  /**
   * Writes, without other effects: it may be undone and run again. The caller gets the result once
   * it is on disk.
   */
  run(): () => void
  reject(error: unknown): void
}

/** Reads a database, and is its only writer. */
export class Access {
  readonly #database: DatabaseSync
  readonly #report: Sink['state']
  #waiting: Write[] = []
  #scheduled = false
  /** Runs while the database is down. */
  #attempts: NodeJS.Timeout | undefined

  /** `report` is called when writes to the disk fail, and when they succeed again. */
  constructor(database: DatabaseSync, report: Sink['state']) {
    this.#database = database
    this.#report = report
  }

  /**
   * Resolves with the result of `work` when it is on disk; `work` may run twice. An error of `work`
   * undoes its own writes only. If the disk fails, the whole transaction is undone, and all its
   * callers reject with {@link Unavailable}.
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

  /** Resolves with the result of `work`. Rejects with {@link Unavailable} if SQLite fails. */
  async read<Result>(work: () => Result): Promise<Result> {
    try {
      return work()
    } catch (error) {
      throw unavailable(error)
    }
  }

  /** Performs the waiting writes, and closes the database. Further calls reject. */
  close(): void {
    while (this.#waiting.length > 0) this.#commit(this.#waiting.splice(0, MOST))
    clearInterval(this.#attempts)
    this.#database.close()
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

  /** All in one transaction. If one write fails, repeats all, each in a savepoint. */
  #commit(writes: readonly Write[]): void {
    if (writes.length === 0) return
    try {
      this.#transact(() => writes.map(({ run }) => run()))
    } catch (error) {
      const told = this.#judge(error)
      if (writes.length > 1 && !DOWN.has(codeOf(error))) this.#commitEach(writes)
      else for (const { reject } of writes) reject(told)
    }
  }

  /** A savepoint for each write is slow: the index of words writes its pages at each of them. */
  #commitEach(writes: readonly Write[]): void {
    try {
      this.#transact(() => writes.map(write => this.#attempt(write)))
    } catch (error) {
      const told = this.#judge(error)
      for (const { reject } of writes) reject(told)
    }
  }

  /** The function that `work` returns is called once its writes are on disk. */
  #transact(work: () => readonly (() => void)[]): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      const tell = work()
      this.#database.exec('COMMIT')
      for (const each of tell) each()
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  /** Throws only where the whole transaction is lost. */
  #attempt({ run, reject }: Write): () => void {
    this.#database.exec('SAVEPOINT one')
    try {
      const tell = run()
      this.#database.exec('RELEASE one')
      return tell
    } catch (error) {
      if (!this.#database.isTransaction) throw error
      this.#database.exec('ROLLBACK TO one; RELEASE one')
      const told = this.#judge(error)
      return () => reject(told)
    }
  }

  #rollBack(): void {
    if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK')
  }

  /** The error for the caller, after checking whether the database can be written at all. */
  #judge(error: unknown): unknown {
    const told = unavailable(error)
    if (told instanceof Unavailable && DOWN.has(codeOf(error)) && this.#attempts === undefined) {
      this.#attempts = setInterval(() => this.#tryAgain(), ATTEMPT_INTERVAL).unref()
      this.#report('down', told)
    }
    return told
  }

  #tryAgain(): void {
    try {
      this.#transact(() => {
        this.#database.exec(ATTEMPT)
        return []
      })
    } catch {
      return
    }
    clearInterval(this.#attempts)
    this.#attempts = undefined
    this.#report('up')
  }
}

/**
 * The error itself, or {@link Unavailable} with it as its cause where it is of SQLite's or of a
 * closed database.
 */
function unavailable(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ERR_INVALID_STATE') return new Unavailable('the store is closed', { cause: error })
  if (code !== 'ERR_SQLITE_ERROR') return error
  return new Unavailable(`the store failed: ${(error as Error).message}`, { cause: error })
}

/** SQLite's primary result code. */
function codeOf(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}
