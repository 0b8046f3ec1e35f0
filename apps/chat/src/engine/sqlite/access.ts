// How a database is reached: it is read at once; writes that come in one turn of the event loop share a transaction, for what costs
// is not to write but to wait for the disk. Knows no table.

import type { DatabaseSync } from 'node:sqlite'
import { type Sink, Unavailable } from '../engine.ts'

/** Most writes in one transaction: the event loop waits for it. */
const MOST = 1000

/** Milliseconds between two attempts to write, while the disk does not take anything. */
const ATTEMPT_INTERVAL = 1000

/** Writes something, and needs room for it, and leaves nothing behind. */
const ATTEMPT = 'CREATE TABLE attempt (value); DROP TABLE attempt'

/** SQLITE_BUSY, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB: not what is written is at fault, but what it is written to. */
const DOWN: ReadonlySet<number> = new Set([5, 7, 8, 10, 11, 13, 14, 26])

interface Write {
  /** Writes, and does nothing else, for it may be undone and run again; the result tells the caller, once it is on disk. */
  run(): () => void
  reject(error: unknown): void
}

/** Reads from a database, and is the only one who writes into it. */
export class Access {
  readonly #database: DatabaseSync
  readonly #report: Sink['state']
  #waiting: Write[] = []
  #scheduled = false
  /** Runs while the database is down. */
  #attempts: NodeJS.Timeout | undefined

  /** `report` hears when the disk does not take what is written, and when it does again. */
  constructor(database: DatabaseSync, report: Sink['state']) {
    this.#database = database
    this.#report = report
  }

  /**
   * Resolves with what `work` returns when that is on disk; it may run twice. An error of `work` undoes what it wrote, and nothing else
   * of this turn. Where the disk does not take it, nothing of the turn is written, and all of it rejects with {@link Unavailable}.
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

  /** Writes what waits, and closes the database. Everything rejects from now on. */
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

  /** All in one transaction. Where one write fails by itself: all again, each so that it can be undone without the others. */
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

  /** What `work` returns is called once it is on disk. */
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

  /** What to tell of an error, after finding out whether it means that nothing can be written at all. */
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

/** The error itself, or {@link Unavailable} with it as its cause where it is of SQLite's or of a closed database. */
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
