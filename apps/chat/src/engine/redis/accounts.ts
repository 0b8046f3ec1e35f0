// Accounts, sessions and memberships in a Redis. Of rooms it knows only the names.

import { randomBytes } from 'node:crypto'
import type { Guard } from '../../log/room-state.ts'
import { lookOf } from '../../text/look.ts'
import { nameKey } from '../../text/name-key.ts'
import { type Account, type Accounts, GUEST_GRACE, MOST_ADDRESSES, type NameObstacle } from '../engine.ts'
import {
  ADD_ADDRESS,
  CREATE,
  ENTER,
  LEAVE,
  OBSTACLE,
  OPEN_SESSION,
  READ_ON,
  REGISTER,
  RENAME,
  RENEW,
  SESSION_ACCOUNT,
  SET_ADMIN,
  SWEEP,
  WRITE_LOOK,
} from './account-scripts.ts'
import type { Reply } from './connection.ts'
import { guardKeys, guardValues, readForbidden } from './guard.ts'
import {
  ACCOUNT,
  ADDRESSES,
  accountKey,
  addressBanKey,
  addressesKey,
  GUESTS,
  LOOK,
  LOOKS_WRITTEN,
  MEMBERS,
  membersKey,
  NICKS,
  READ,
  readKey,
  SALT,
  SESSION,
  SESSIONS,
  SESSIONS_OF,
  sessionKey,
} from './keys.ts'
import type { Ask } from './link.ts'
import { call } from './script.ts'

/** Accounts, sessions and memberships in a Redis. */
export class RedisAccounts implements Accounts {
  readonly #ask: Ask
  readonly #now: () => number

  constructor(ask: Ask, now: () => number) {
    this.#ask = ask
    this.#now = now
  }

  async create(account: Account): Promise<boolean> {
    const { id, nick, guest, password = '' } = account
    const values = [...this.#nameValues(id, nick), Number(guest), password]
    return (await call(this.#ask, CREATE, [accountKey(id), GUESTS], values)) === 1
  }

  async obstacle(nick: string, id = ''): Promise<NameObstacle | undefined> {
    const values = [id, nameKey(nick), lookOf(nick), this.#now()]
    return ((await call(this.#ask, OBSTACLE, [], values)) as NameObstacle | null) ?? undefined
  }

  /**
   * Writes the looks of names that nodes of an earlier version have stored, once. Rejects while the
   * store is away.
   */
  async writeLooks(): Promise<void> {
    if ((await this.#ask(['EXISTS', LOOKS_WRITTEN])) === 1) return
    let cursor = '0'
    do {
      const [next, found] = (await this.#ask(['HSCAN', NICKS, cursor, 'COUNT', '200'])) as [string, string[]]
      const ids = found.filter((_, index) => index % 2 === 1)
      await Promise.all(ids.map(id => this.#writeLook(id)))
      cursor = next
    } while (cursor !== '0')
    await this.#ask(['SET', LOOKS_WRITTEN, '1'])
  }

  async #writeLook(id: string): Promise<void> {
    const account = await this.byId(id)
    if (account === undefined) return
    const look = lookOf(account.nick)
    await call(this.#ask, WRITE_LOOK, [accountKey(id), `${LOOK}${look}`], [id, nameKey(account.nick), look])
  }

  #nameValues(id: string, nick: string): readonly (string | number)[] {
    return [id, nick, nameKey(nick), lookOf(nick), this.#now()]
  }

  async byId(id: string): Promise<Account | undefined> {
    return readAccount(await this.#ask(['HMGET', accountKey(id), ...FIELDS]))
  }

  async byNick(nick: string): Promise<Account | undefined> {
    const id = await this.#ask(['HGET', NICKS, nameKey(nick)])
    return id === null ? undefined : this.byId(String(id))
  }

  async rename(id: string, nick: string): Promise<boolean> {
    return (await call(this.#ask, RENAME, [accountKey(id)], this.#nameValues(id, nick))) === 1
  }

  async register(id: string, nick: string, password: string): Promise<boolean> {
    const keys = [accountKey(id), GUESTS, `${SESSIONS_OF}${id}`, SESSIONS]
    return (await call(this.#ask, REGISTER, keys, [...this.#nameValues(id, nick), password, SESSION])) === 1
  }

  async setAdmin(id: string, isAdmin: boolean): Promise<boolean> {
    return (await call(this.#ask, SET_ADMIN, [accountKey(id)], [Number(isAdmin)])) === 1
  }

  async openSession(hash: string, user: string, expires: number): Promise<void> {
    const keys = [sessionKey(hash), accountKey(user), SESSIONS, `${SESSIONS_OF}${user}`, GUESTS]
    await call(this.#ask, OPEN_SESSION, keys, [hash, user, expires])
  }

  async session(hash: string, now: number): Promise<Account | undefined> {
    return readAccount(await call(this.#ask, SESSION_ACCOUNT, [sessionKey(hash)], [now, ACCOUNT, ...FIELDS]))
  }

  async renewSession(hash: string, expires: number): Promise<boolean> {
    return (await call(this.#ask, RENEW, [sessionKey(hash), SESSIONS], [hash, expires])) === 1
  }

  async closeSession(hash: string): Promise<void> {
    await this.#sweep(hash, this.#now())
  }

  async sweep(now: number): Promise<void> {
    while ((await this.#sweep('', now)) > 0);
  }

  /** Removes one session, or a batch of expired data; returns the number. */
  async #sweep(hash: string, now: number): Promise<number> {
    const prefixes = [SESSION, SESSIONS_OF, ACCOUNT, READ, ADDRESSES, MEMBERS]
    const values = [hash, now, now - GUEST_GRACE, ...prefixes]
    return Number(await call(this.#ask, SWEEP, [SESSIONS, GUESTS, NICKS], values))
  }

  async addAddress(user: string, address: string): Promise<void> {
    const values = [address, this.#now(), MOST_ADDRESSES]
    await call(this.#ask, ADD_ADDRESS, [accountKey(user), addressesKey(user)], values)
  }

  async hasAddress(user: string, address: string): Promise<boolean> {
    return (await this.#ask(['ZSCORE', addressesKey(user), address])) !== null
  }

  async addresses(user: string): Promise<readonly string[]> {
    return (await this.#ask(['ZRANGE', addressesKey(user), '0', '-1'])) as readonly string[]
  }

  async salt(): Promise<string> {
    const made = randomBytes(16).toString('base64url')
    return String((await this.#ask(['SET', SALT, made, 'NX', 'GET'])) ?? made)
  }

  async banAddresses(room: string, addresses: readonly string[], until: number): Promise<void> {
    const left = until - this.#now()
    const command = (key: string) =>
      left > 0 ? ['SET', key, String(until), 'PX', String(Math.ceil(left))] : ['DEL', key]
    await Promise.all(addresses.map(address => this.#ask(command(addressBanKey(room, address)))))
  }

  async addressBan(rooms: readonly string[], address: string): Promise<number | undefined> {
    const found = await this.#ask(['MGET', ...rooms.map(room => addressBanKey(room, address))])
    const latest = Math.max(0, ...(found as readonly (string | null)[]).map(Number))
    return latest > this.#now() ? latest : undefined
  }

  async memberships(user: string): Promise<ReadonlyMap<string, number>> {
    const read = (await this.#ask(['HGETALL', readKey(user)])) as Record<string, string>
    return new Map(Object.entries(read).map(([room, seq]) => [room, Number(seq)]))
  }

  async enter(user: string, room: string, guard: Guard = []): Promise<void> {
    const keys = [accountKey(user), readKey(user), membersKey(room), ...guardKeys(guard)]
    const values = [room, user, ...guardValues(guard, this.#now())]
    const forbidden = (await call(this.#ask, ENTER, keys, values)) as readonly Reply[] | null
    if (forbidden !== null) throw readForbidden(guard, forbidden[0], forbidden[1])
  }

  async leave(user: string, room: string): Promise<void> {
    await call(this.#ask, LEAVE, [readKey(user)], [MEMBERS, user, room])
  }

  async read(user: string, room: string, seq: number): Promise<boolean> {
    return (await call(this.#ask, READ_ON, [readKey(user)], [room, seq])) === 1
  }
}

const FIELDS = ['id', 'nick', 'guest', 'password', 'admin']

function readAccount(reply: Reply): Account | undefined {
  const [id, nick, guest, password, admin] = (reply ?? []) as readonly (string | null)[]
  if (typeof id !== 'string') return undefined
  return {
    id,
    nick: nick!,
    guest: guest === '1',
    ...(password && { password }),
    ...(admin === '1' && { admin: true }),
  }
}
