// Signals to the server of a file from programs beside it, which leave them in a table.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Json } from '../../log/entry.ts'
import { parse } from './rows.ts'

export interface Signal {
  readonly room: string
  readonly event: Json
}

export class Signals {
  readonly #version: StatementSync
  readonly #insert: StatementSync
  readonly #all: StatementSync
  readonly #clear: StatementSync
  #seen: unknown

  constructor(database: DatabaseSync) {
    this.#version = database.prepare('PRAGMA data_version')
    this.#insert = database.prepare('INSERT INTO signal (room, event) VALUES (?, ?)')
    this.#all = database.prepare('SELECT room, event FROM signal ORDER BY id')
    this.#clear = database.prepare('DELETE FROM signal')
  }

  /** Whether another program has written into the file since the last look. */
  hasNews(): boolean {
    const version = this.#version.get()?.data_version
    const isNew = version !== this.#seen
    this.#seen = version
    return isNew
  }

  /** Leaves one, within a transaction. */
  leave({ room, event }: Signal): void {
    this.#insert.run(room, JSON.stringify(event))
  }

  /** Takes all that were left, within a transaction. */
  take(): readonly Signal[] {
    const rows = this.#all.all()
    if (rows.length > 0) this.#clear.run()
    return rows.map(({ room, event }) => ({ room: String(room), event: parse(event) }))
  }
}
