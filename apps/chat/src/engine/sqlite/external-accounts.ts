// The accounts in a chat's file, for a program beside the server that has it open.

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

export class ExternalAccounts implements AsyncDisposable {
  readonly accounts: Accounts
  readonly #access: Access
  readonly #signals: Signals

  /**
   * Throws an `Error` of one line that names the file if it does not exist or has another version.
   */
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
    // Opened for reading first, because SQLite has no option to open only an existing file for
    // writing.
    new DatabaseSync(file, { readOnly: true }).close()
    database = new DatabaseSync(file, { timeout: TIMEOUT, enableForeignKeyConstraints: true })
    checkVersion(database)
    return database
  } catch (error) {
    database?.close()
    throw cannotOpen(file, error)
  }
}
