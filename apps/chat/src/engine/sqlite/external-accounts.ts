// The accounts in the file of a chat, for a program beside the server that may have it open.

import { DatabaseSync } from 'node:sqlite'
import type { Json } from '../../log/entry.ts'
import type { Accounts } from '../engine.ts'
import { Access } from './access.ts'
import { SqliteAccounts } from './accounts.ts'
import { cannotOpen } from './open.ts'
import { checkVersion } from './schema.ts'
import { Signals } from './signals.ts'

/** Milliseconds to wait for the server's lock on the file. */
const TIMEOUT = 5000

export class BesideFile implements AsyncDisposable {
  readonly accounts: Accounts
  readonly #access: Access
  readonly #signals: Signals

  /** Throws an `Error` of one line that names the file: there is none, or it is not one of this version. */
  constructor(file: string) {
    const database = open(file)
    this.#access = new Access(database, () => {})
    this.#signals = new Signals(database)
    this.accounts = new SqliteAccounts(database, this.#access, Date.now, () => undefined)
  }

  /** Tells the server of the file, now or when it starts. */
  async signal(room: string, event: Json): Promise<void> {
    await this.#access.write(() => this.#signals.leave({ room, event }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#access.close()
  }
}

function open(file: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    // Opened for reading first: an option of SQLite to open only what is there is not to be had.
    new DatabaseSync(file, { readOnly: true }).close()
    database = new DatabaseSync(file, { timeout: TIMEOUT, enableForeignKeyConstraints: true })
    checkVersion(database)
    return database
  } catch (error) {
    database?.close()
    throw cannotOpen(file, error)
  }
}
