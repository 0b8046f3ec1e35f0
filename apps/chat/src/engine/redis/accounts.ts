// Accounts, sessions and memberships in a Redis. Knows no rooms but their names.

import { type Account, type Accounts, GUEST_GRACE, MOST_ADDRESSES } from '../engine.ts'
import { nickKey } from '../nick-key.ts'
import {
  ADD_ADDRESS,
  CREATE,
  ENTER,
  OPEN_SESSION,
  READ_ON,
  REGISTER,
  RENAME,
  RENEW,
  SESSION_ACCOUNT,
  SWEEP,
} from './account-scripts.ts'
import type { Reply } from './connection.ts'
import {
  ACCOUNT,
  ADDRESSES,
  accountKey,
  addressesKey,
  GUESTS,
  NICKS,
  READ,
  readKey,
  SESSION,
  SESSIONS,
  SESSIONS_OF,
  sessionKey,
} from './keys.ts'
import type { Ask } from './link.ts'
import { call } from './script.ts'

/** Who there is, by a Redis. */
export class RedisAccounts implements Accounts {
  readonly #ask: Ask
  readonly #now: () => number

  constructor(ask: Ask, now: () => number) {
    this.#ask = ask
    this.#now = now
  }

  async create(account: Account): Promise<boolean> {
    const keys = [accountKey(account.id), NICKS, GUESTS]
    return (await call(this.#ask, CREATE, keys, [...valuesOf(account), this.#now()])) === 1
  }

  async byId(id: string): Promise<Account | undefined> {
    return readAccount(await this.#ask(['HMGET', accountKey(id), ...FIELDS]))
  }

  async byNick(nick: string): Promise<Account | undefined> {
    const id = await this.#ask(['HGET', NICKS, nickKey(nick)])
    return id === null ? undefined : this.byId(String(id))
  }

  async rename(id: string, nick: string): Promise<boolean> {
    return (await call(this.#ask, RENAME, [accountKey(id), NICKS], [id, nick, nickKey(nick)])) === 1
  }

  async register(id: string, nick: string, password: string): Promise<boolean> {
    const keys = [accountKey(id), NICKS, GUESTS, `${SESSIONS_OF}${id}`, SESSIONS]
    return (await call(this.#ask, REGISTER, keys, [id, nick, nickKey(nick), password, SESSION])) === 1
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
    await this.#sweep(hash, 0)
  }

  async sweep(now: number): Promise<void> {
    while ((await this.#sweep('', now)) > 0);
  }

  /** Removes one session, or some of what is over; gives how much. */
  async #sweep(hash: string, now: number): Promise<number> {
    const prefixes = [SESSION, SESSIONS_OF, ACCOUNT, READ, ADDRESSES]
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

  async memberships(user: string): Promise<ReadonlyMap<string, number>> {
    const read = (await this.#ask(['HGETALL', readKey(user)])) as Record<string, string>
    return new Map(Object.entries(read).map(([room, seq]) => [room, Number(seq)]))
  }

  async enter(user: string, room: string): Promise<void> {
    await call(this.#ask, ENTER, [accountKey(user), readKey(user)], [room])
  }

  async leave(user: string, room: string): Promise<void> {
    await this.#ask(['HDEL', readKey(user), room])
  }

  async read(user: string, room: string, seq: number): Promise<boolean> {
    return (await call(this.#ask, READ_ON, [readKey(user)], [room, seq])) === 1
  }
}

const FIELDS = ['id', 'nick', 'guest', 'password']

/** Without a password: nothing, which no password is. */
function valuesOf({ id, nick, guest, password = '' }: Account): (string | number)[] {
  return [id, nick, nickKey(nick), Number(guest), password]
}

function readAccount(reply: Reply): Account | undefined {
  const [id, nick, guest, password] = (reply ?? []) as readonly (string | null)[]
  if (typeof id !== 'string') return undefined
  return { id, nick: nick!, guest: guest === '1', ...(password && { password }) }
}
