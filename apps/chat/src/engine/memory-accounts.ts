// Accounts, sessions and memberships in maps. Knows no rooms but their names.

import type { Account, Accounts } from './engine.ts'
import { nickKey } from './nick-key.ts'

interface Session {
  readonly user: string
  readonly expires: number
}

/** Accounts that end with the process. */
export class MemoryAccounts implements Accounts {
  readonly #accounts = new Map<string, Account>()
  readonly #ids = new Map<string, string>()
  readonly #sessions = new Map<string, Session>()
  readonly #read = new Map<string, Map<string, number>>()

  async create(account: Account): Promise<boolean> {
    if (this.#accounts.has(account.id) || this.#ids.has(nickKey(account.nick))) return false
    this.#keep(account)
    return true
  }

  async byId(id: string): Promise<Account | undefined> {
    return this.#accounts.get(id)
  }

  async byNick(nick: string): Promise<Account | undefined> {
    return this.#accounts.get(this.#ids.get(nickKey(nick)) ?? '')
  }

  async update(account: Account): Promise<boolean> {
    const before = this.#accounts.get(account.id)
    const holder = this.#ids.get(nickKey(account.nick)) ?? account.id
    if (before === undefined || holder !== account.id) return false
    this.#ids.delete(nickKey(before.nick))
    this.#keep(account)
    return true
  }

  #keep({ id, nick, guest, password }: Account): void {
    this.#ids.set(nickKey(nick), id)
    this.#accounts.set(id, { id, nick, guest, ...(password !== undefined && { password }) })
  }

  async openSession(hash: string, user: string, expires: number): Promise<void> {
    if (this.#accounts.has(user)) this.#sessions.set(hash, { user, expires })
  }

  async session(hash: string, now: number): Promise<Account | undefined> {
    const session = this.#sessions.get(hash)
    return session && session.expires > now ? this.#accounts.get(session.user) : undefined
  }

  async renewSession(hash: string, expires: number): Promise<void> {
    const session = this.#sessions.get(hash)
    if (session) this.#sessions.set(hash, { ...session, expires })
  }

  async closeSession(hash: string): Promise<void> {
    this.#sessions.delete(hash)
  }

  async sweep(now: number): Promise<void> {
    for (const [hash, { expires }] of this.#sessions) if (expires <= now) this.#sessions.delete(hash)
    const known = new Set(Array.from(this.#sessions.values(), ({ user }) => user))
    for (const { id, nick, guest } of this.#accounts.values()) {
      if (!guest || known.has(id)) continue
      this.#accounts.delete(id)
      this.#ids.delete(nickKey(nick))
      this.#read.delete(id)
    }
  }

  async memberships(user: string): Promise<ReadonlyMap<string, number>> {
    return new Map(this.#read.get(user))
  }

  async enter(user: string, room: string): Promise<void> {
    if (!this.#accounts.has(user)) return
    const rooms = this.#read.get(user) ?? new Map<string, number>()
    if (!rooms.has(room)) rooms.set(room, 0)
    this.#read.set(user, rooms)
  }

  async leave(user: string, room: string): Promise<void> {
    this.#read.get(user)?.delete(room)
  }

  async read(user: string, room: string, seq: number): Promise<boolean> {
    const rooms = this.#read.get(user)
    if (seq <= (rooms?.get(room) ?? Number.POSITIVE_INFINITY)) return false
    rooms!.set(room, seq)
    return true
  }
}
