// Names in use and names that rest, in a table. Synchronous; writes must be inside a transaction.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { lookOf } from '../../text/look.ts'
import { nameKey } from '../../text/name-key.ts'
import type { NameObstacle } from '../engine.ts'

const SET = 'INSERT OR REPLACE INTO nick (key, look, user) VALUES (?, ?, ?)'

/** Fills the empty table of names from all accounts. */
export function fillNames(database: DatabaseSync): void {
  const set = database.prepare(SET)
  for (const { id, nick, nick_key } of database.prepare('SELECT id, nick, nick_key FROM account').iterate())
    set.run(nick_key!, lookOf(String(nick)), id!)
}

export class SqliteNames {
  readonly #has: StatementSync
  readonly #obstacle: StatementSync
  readonly #set: StatementSync
  readonly #giveUp: StatementSync
  readonly #sweep: StatementSync

  constructor(database: DatabaseSync) {
    this.#has = database.prepare('SELECT 1 FROM nick WHERE key = ? AND user = ? AND until IS NULL')
    this.#obstacle = database.prepare(`
      SELECT key = :key AND until IS NULL AS taken, until IS NULL AS alike FROM nick
      WHERE (key = :key OR look = :look) AND user <> :user AND coalesce(until > :now, 1)
      ORDER BY taken DESC, alike DESC LIMIT 1`)
    this.#set = database.prepare(SET)
    this.#giveUp = database.prepare('UPDATE nick SET until = ? WHERE user = ? AND key <> ? AND until IS NULL')
    this.#sweep = database.prepare('DELETE FROM nick WHERE until <= ?')
  }

  /** Why a user cannot take a name at a time. */
  obstacle(nick: string, user: string, now: number): NameObstacle | undefined {
    if (this.#has.get(nameKey(nick), user) !== undefined) return undefined
    const row = this.#obstacle.get({ key: nameKey(nick), look: lookOf(nick), user, now })
    if (row === undefined) return undefined
    return row.taken ? 'taken' : row.alike ? 'alike' : 'resting'
  }

  /** Gives a name to a user; the previous one rests until a time. */
  give(nick: string, user: string, restUntil: number): void {
    const key = nameKey(nick)
    this.#giveUp.run(restUntil, user, key)
    this.#set.run(key, lookOf(nick), user)
  }

  /** Removes names that have rested. */
  sweep(now: number): void {
    this.#sweep.run(now)
  }
}
