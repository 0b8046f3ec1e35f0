// Accounts, sessions and memberships in their tables. Of rooms it knows only the names.

import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { Guard } from '../../log/room-state.ts'
import { nameKey } from '../../text/name-key.ts'
import {
  type Account,
  type Accounts,
  Forbidden,
  GUEST_GRACE,
  MOST_ADDRESSES,
  NAME_REST,
  type NameObstacle,
} from '../engine.ts'
import type { Access } from './access.ts'
import { SqliteNames } from './names.ts'

/**
 * Most sessions, and most guests, that one transaction forgets; most rooms of one user that are
 * read.
 */
const SWEPT_AT_ONCE = 500
const MOST_MEMBERSHIPS = 10_000

/** Accounts, sessions and memberships in a database. */
export class SqliteAccounts implements Accounts {
  readonly #access: Access
  readonly #now: () => number
  readonly #forbidden: (guard: Guard) => Forbidden | undefined
  readonly #nicks: SqliteNames
  readonly #create: StatementSync
  readonly #byId: StatementSync
  readonly #byNick: StatementSync
  readonly #rename: StatementSync
  readonly #register: StatementSync
  readonly #setAdmin: StatementSync
  readonly #openSession: StatementSync
  readonly #session: StatementSync
  readonly #renewSession: StatementSync
  readonly #closeSession: StatementSync
  readonly #setIdle: StatementSync
  readonly #closeSessions: StatementSync
  readonly #sweepSessions: StatementSync
  readonly #sweepGuests: StatementSync
  readonly #addAddress: StatementSync
  readonly #removeAddresses: StatementSync
  readonly #hasAddress: StatementSync
  readonly #addresses: StatementSync
  readonly #salt: StatementSync
  readonly #banAddress: StatementSync
  readonly #addressBan: StatementSync
  readonly #sweepBans: StatementSync
  readonly #memberships: StatementSync
  readonly #enter: StatementSync
  readonly #leave: StatementSync
  readonly #leaveAll: StatementSync
  readonly #forgetRoom: StatementSync
  readonly #read: StatementSync

  /** `forbidden`: the restriction of a guard that is in force. */
  constructor(
    database: DatabaseSync,
    access: Access,
    now: () => number,
    forbidden: (guard: Guard) => Forbidden | undefined,
  ) {
    this.#access = access
    this.#now = now
    this.#forbidden = forbidden
    this.#nicks = new SqliteNames(database)
    const prepare = (query: string) => database.prepare(query)
    this.#create = prepare(
      'INSERT INTO account (nick, nick_key, guest, password, id, idle_since) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#byId = prepare('SELECT * FROM account WHERE id = ?')
    this.#byNick = prepare('SELECT * FROM account WHERE nick_key = ?')
    this.#rename = prepare('UPDATE OR IGNORE account SET nick = ?, nick_key = ? WHERE id = ?')
    this.#register = prepare(
      'UPDATE OR IGNORE account SET nick = ?, nick_key = ?, guest = 0, password = ? WHERE id = ? AND guest',
    )
    this.#setAdmin = prepare('UPDATE account SET admin = ? WHERE id = ? AND NOT guest')
    this.#openSession = prepare(
      'INSERT OR REPLACE INTO session (hash, user, expires) SELECT ?, id, ? FROM account WHERE id = ?',
    )
    this.#session = prepare(
      'SELECT account.* FROM session JOIN account ON account.id = session.user WHERE hash = ? AND expires > ?',
    )
    this.#renewSession = prepare('UPDATE session SET expires = max(expires, ?) WHERE hash = ?')
    this.#closeSession = prepare('DELETE FROM session WHERE hash = ?')
    this.#setIdle = prepare(
      'UPDATE account SET idle_since = ? WHERE guest AND id = (SELECT user FROM session WHERE hash = ?)',
    )
    this.#closeSessions = prepare('DELETE FROM session WHERE user = ?')
    this.#sweepSessions = prepare(
      'DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE expires <= ? LIMIT ?)',
    )
    this.#sweepGuests = prepare(`
      DELETE FROM account WHERE id IN (
        SELECT id FROM account
        WHERE guest AND idle_since <= ? AND NOT EXISTS (SELECT 1 FROM session WHERE user = account.id) LIMIT ?)`)
    this.#addAddress = prepare(
      'INSERT OR REPLACE INTO address (user, address, used) SELECT id, ?, ? FROM account WHERE id = ?',
    )
    this.#removeAddresses = prepare(`
      DELETE FROM address WHERE user = ? AND address NOT IN (
        SELECT address FROM address WHERE user = ? ORDER BY used DESC LIMIT ?)`)
    this.#hasAddress = prepare('SELECT 1 FROM address WHERE user = ? AND address = ?')
    this.#addresses = prepare('SELECT address FROM address WHERE user = ?')
    this.#salt = prepare('SELECT value FROM salt')
    this.#banAddress = prepare('INSERT OR REPLACE INTO address_ban (room, address, until) VALUES (?, ?, ?)')
    this.#addressBan = prepare(`
      SELECT max(until) AS until FROM address_ban
      WHERE room IN (SELECT value FROM json_each(?)) AND address = ? AND until > ?`)
    this.#sweepBans = prepare('DELETE FROM address_ban WHERE until <= ?')
    this.#memberships = prepare('SELECT room, read FROM membership WHERE user = ? LIMIT ?')
    this.#enter = prepare(
      'INSERT OR IGNORE INTO membership (user, room) SELECT id, ? FROM account WHERE id = ?',
    )
    this.#leave = prepare('DELETE FROM membership WHERE user = ? AND room = ?')
    this.#leaveAll = prepare('DELETE FROM membership WHERE user = ?')
    this.#forgetRoom = prepare('DELETE FROM membership WHERE room = ?')
    this.#read = prepare('UPDATE membership SET read = ? WHERE user = ? AND room = ? AND read < ?')
  }

  create(account: Account): Promise<boolean> {
    return this.#claim(account, now => this.#create.run(...columnsOf(account), now).changes === 1)
  }

  obstacle(nick: string, id = ''): Promise<NameObstacle | undefined> {
    return this.#access.read(() => this.#nicks.obstacle(nick, id, this.#now()))
  }

  /** Gives an account a name if it is available and `write` returns true. */
  #claim({ id, nick }: Pick<Account, 'id' | 'nick'>, write: (now: number) => boolean): Promise<boolean> {
    return this.#access.write(() => {
      const now = this.#now()
      if (this.#nicks.obstacle(nick, id, now) !== undefined || !write(now)) return false
      this.#nicks.give(nick, id, now + NAME_REST)
      return true
    })
  }

  byId(id: string): Promise<Account | undefined> {
    return this.#access.read(() => readAccount(this.#byId.get(id)))
  }

  byNick(nick: string): Promise<Account | undefined> {
    return this.#access.read(() => readAccount(this.#byNick.get(nameKey(nick))))
  }

  rename(id: string, nick: string): Promise<boolean> {
    return this.#claim({ id, nick }, () => this.#rename.run(nick, nameKey(nick), id).changes === 1)
  }

  register(id: string, nick: string, password: string): Promise<boolean> {
    return this.#claim({ id, nick }, () => {
      if (this.#register.run(nick, nameKey(nick), password, id).changes === 0) return false
      this.#closeSessions.run(id)
      return true
    })
  }

  setAdmin(id: string, isAdmin: boolean): Promise<boolean> {
    return this.#access.write(() => this.#setAdmin.run(Number(isAdmin), id).changes === 1)
  }

  async openSession(hash: string, user: string, expires: number): Promise<void> {
    await this.#access.write(() => this.#openSession.run(hash, expires, user))
  }

  session(hash: string, now: number): Promise<Account | undefined> {
    return this.#access.read(() => readAccount(this.#session.get(hash, now)))
  }

  renewSession(hash: string, expires: number): Promise<boolean> {
    return this.#access.write(() => this.#renewSession.run(expires, hash).changes === 1)
  }

  async closeSession(hash: string): Promise<void> {
    await this.#access.write(() => {
      this.#setIdle.run(this.#now(), hash)
      this.#closeSession.run(hash)
    })
  }

  async sweep(now: number): Promise<void> {
    const some = () =>
      Number(this.#sweepSessions.run(now, SWEPT_AT_ONCE).changes) +
      Number(this.#sweepGuests.run(now - GUEST_GRACE, SWEPT_AT_ONCE).changes)
    while ((await this.#access.write(some)) > 0);
    await this.#access.write(() => {
      this.#nicks.sweep(now)
      this.#sweepBans.run(now)
    })
  }

  async addAddress(user: string, address: string): Promise<void> {
    await this.#access.write(() => {
      this.#addAddress.run(address, this.#now(), user)
      this.#removeAddresses.run(user, user, MOST_ADDRESSES)
    })
  }

  hasAddress(user: string, address: string): Promise<boolean> {
    return this.#access.read(() => this.#hasAddress.get(user, address) !== undefined)
  }

  addresses(user: string): Promise<readonly string[]> {
    return this.#access.read(() => this.#addresses.all(user).map(({ address }) => String(address)))
  }

  salt(): Promise<string> {
    return this.#access.read(() => String(this.#salt.get()?.value))
  }

  async banAddresses(room: string, addresses: readonly string[], until: number): Promise<void> {
    await this.#access.write(() => {
      for (const address of addresses) this.#banAddress.run(room, address, until)
    })
  }

  addressBan(rooms: readonly string[], address: string): Promise<number | undefined> {
    return this.#access.read(() => {
      const until = this.#addressBan.get(JSON.stringify(rooms), address, this.#now())?.until
      return typeof until === 'number' ? until : undefined
    })
  }

  memberships(user: string): Promise<ReadonlyMap<string, number>> {
    return this.#access.read(() => {
      const rows = this.#memberships.all(user, MOST_MEMBERSHIPS)
      return new Map(rows.map(({ room, read }) => [String(room), Number(read)]))
    })
  }

  async enter(user: string, room: string, guard: Guard = []): Promise<void> {
    const entered = await this.#access.write(() => this.#forbidden(guard) ?? this.#enter.run(room, user))
    if (entered instanceof Forbidden) throw entered
  }

  async leave(user: string, room: string): Promise<void> {
    await this.#access.write(() => this.endMembership(user, room))
  }

  /** Of one room, or of all where none is named. Within a transaction. */
  endMembership(user: string, room: string | undefined): void {
    if (room === undefined) this.#leaveAll.run(user)
    else this.#leave.run(user, room)
  }

  /** Ends all memberships of a room, within a transaction. */
  forgetRoom(room: string): void {
    this.#forgetRoom.run(room)
  }

  read(user: string, room: string, seq: number): Promise<boolean> {
    return this.#access.write(() => this.#read.run(seq, user, room, seq).changes === 1)
  }
}

function columnsOf({ id, nick, guest, password }: Account) {
  return [nick, nameKey(nick), Number(guest), password ?? null, id] as const
}

function readAccount(row: Record<string, SQLOutputValue> | undefined): Account | undefined {
  if (row === undefined) return undefined
  const { id, nick, guest, password, admin } = row
  return {
    id: String(id),
    nick: String(nick),
    guest: guest === 1,
    ...(typeof password === 'string' && { password }),
    ...(admin === 1 && { admin: true }),
  }
}
