// Accounts, sessions and memberships in maps. Of rooms it knows only the names.

import { randomBytes } from 'node:crypto'
import type { Guard } from '../../log/room-state.ts'
import { nameKey } from '../../text/name-key.ts'
import {
  type Account,
  type Accounts,
  type Forbidden,
  GUEST_GRACE,
  MOST_ADDRESSES,
  NAME_REST,
  type NameObstacle,
  Unavailable,
} from '../engine.ts'
import { MemoryNames } from './names.ts'

interface Session {
  readonly user: string
  readonly expires: number
}

/** Accounts, sessions and memberships in memory. */
interface Book {
  readonly accounts: Map<string, { readonly account: Account; readonly idleSince: number }>
  readonly nicks: MemoryNames
  readonly sessions: Map<string, Session>
  /** By user, the last used last. */
  readonly addresses: Map<string, Set<string>>
  /** Until when, by room and address. */
  readonly addressBans: Map<string, number>
  /** The read positions of each user, by room. */
  readonly read: Map<string, Map<string, number>>
}

/** Accounts that end with the process. */
export class MemoryAccounts implements Accounts {
  readonly #now: () => number
  readonly #forbidden: (guard: Guard) => Forbidden | undefined
  readonly #salt = randomBytes(16).toString('base64url')
  #book: Book | undefined = {
    accounts: new Map(),
    nicks: new MemoryNames(),
    sessions: new Map(),
    addresses: new Map(),
    addressBans: new Map(),
    read: new Map(),
  }

  /** `forbidden`: the restriction of a guard that is in force. */
  constructor(now: () => number, forbidden: (guard: Guard) => Forbidden | undefined) {
    this.#now = now
    this.#forbidden = forbidden
  }

  async create(account: Account): Promise<boolean> {
    const { accounts, nicks } = this.#open()
    const now = this.#now()
    if (accounts.has(account.id) || !nicks.take(account.nick, account.id, now)) return false
    this.#keep(account, now)
    return true
  }

  async obstacle(nick: string, id?: string): Promise<NameObstacle | undefined> {
    return this.#open().nicks.obstacle(nick, id, this.#now())
  }

  async byId(id: string): Promise<Account | undefined> {
    return this.#open().accounts.get(id)?.account
  }

  async byNick(nick: string): Promise<Account | undefined> {
    const { accounts, nicks } = this.#open()
    return accounts.get(nicks.holder(nick) ?? '')?.account
  }

  async rename(id: string, nick: string): Promise<boolean> {
    const account = this.#open().accounts.get(id)?.account
    return account !== undefined && this.#change({ ...account, nick })
  }

  async register(id: string, nick: string, password: string): Promise<boolean> {
    const { accounts, sessions } = this.#open()
    if (accounts.get(id)?.account.guest !== true) return false
    if (!this.#change({ id, nick, guest: false, password })) return false
    for (const [hash, { user }] of sessions) if (user === id) sessions.delete(hash)
    return true
  }

  async setAdmin(id: string, isAdmin: boolean): Promise<boolean> {
    const known = this.#open().accounts.get(id)
    if (known === undefined || known.account.guest) return false
    const { admin: _, ...account } = known.account
    this.#keep(isAdmin ? { ...account, admin: true } : account, known.idleSince)
    return true
  }

  /** False if the name is not available. */
  #change(account: Account): boolean {
    const { accounts, nicks } = this.#open()
    const { account: before, idleSince } = accounts.get(account.id)!
    const now = this.#now()
    if (!nicks.take(account.nick, account.id, now)) return false
    if (nameKey(before.nick) !== nameKey(account.nick)) nicks.giveUp(before.nick, now + NAME_REST)
    this.#keep(account, idleSince)
    return true
  }

  #keep({ id, nick, guest, password, admin }: Account, idleSince: number): void {
    const account = {
      id,
      nick,
      guest,
      ...(password !== undefined && { password }),
      ...(admin && { admin }),
    }
    this.#open().accounts.set(id, { account, idleSince })
  }

  async openSession(hash: string, user: string, expires: number): Promise<void> {
    const { accounts, sessions } = this.#open()
    if (accounts.has(user)) sessions.set(hash, { user, expires })
  }

  async session(hash: string, now: number): Promise<Account | undefined> {
    const { accounts, sessions } = this.#open()
    const session = sessions.get(hash)
    return session && session.expires > now ? accounts.get(session.user)?.account : undefined
  }

  async renewSession(hash: string, expires: number): Promise<boolean> {
    const { sessions } = this.#open()
    const session = sessions.get(hash)
    if (session === undefined) return false
    sessions.set(hash, { ...session, expires: Math.max(session.expires, expires) })
    return true
  }

  async closeSession(hash: string): Promise<void> {
    const { accounts, sessions } = this.#open()
    const session = sessions.get(hash)
    const account = accounts.get(session?.user ?? '')
    sessions.delete(hash)
    if (account !== undefined) this.#keep(account.account, this.#now())
  }

  async sweep(now: number): Promise<void> {
    const { accounts, nicks, sessions, addresses, addressBans, read } = this.#open()
    for (const [hash, { expires }] of sessions) if (expires <= now) sessions.delete(hash)
    const known = new Set(Array.from(sessions.values(), ({ user }) => user))
    nicks.sweep(now)
    for (const [key, until] of addressBans) if (until <= now) addressBans.delete(key)
    for (const [id, { account, idleSince }] of accounts) {
      if (!account.guest || known.has(id) || idleSince > now - GUEST_GRACE) continue
      accounts.delete(id)
      nicks.free(account.nick)
      addresses.delete(id)
      read.delete(id)
    }
  }

  async addAddress(user: string, address: string): Promise<void> {
    const { accounts, addresses } = this.#open()
    if (!accounts.has(user)) return
    const known = addresses.get(user) ?? new Set()
    known.delete(address)
    addresses.set(user, known.add(address))
    const [oldest] = known
    if (known.size > MOST_ADDRESSES) known.delete(oldest!)
  }

  async hasAddress(user: string, address: string): Promise<boolean> {
    return this.#open().addresses.get(user)?.has(address) === true
  }

  async addresses(user: string): Promise<readonly string[]> {
    return [...(this.#open().addresses.get(user) ?? [])]
  }

  async salt(): Promise<string> {
    this.#open()
    return this.#salt
  }

  async banAddresses(room: string, addresses: readonly string[], until: number): Promise<void> {
    const { addressBans } = this.#open()
    for (const address of addresses) addressBans.set(banKey(room, address), until)
  }

  async addressBan(rooms: readonly string[], address: string): Promise<number | undefined> {
    const { addressBans } = this.#open()
    const latest = Math.max(0, ...rooms.map(room => addressBans.get(banKey(room, address)) ?? 0))
    return latest > this.#now() ? latest : undefined
  }

  async memberships(user: string): Promise<ReadonlyMap<string, number>> {
    return new Map(this.#open().read.get(user))
  }

  async enter(user: string, room: string, guard: Guard = []): Promise<void> {
    const { accounts, read } = this.#open()
    const forbidden = this.#forbidden(guard)
    if (forbidden !== undefined) throw forbidden
    if (!accounts.has(user)) return
    const rooms = read.get(user) ?? new Map<string, number>()
    if (!rooms.has(room)) rooms.set(room, 0)
    read.set(user, rooms)
  }

  async leave(user: string, room: string): Promise<void> {
    this.endMembership(user, room)
  }

  /** Of one room, or of all where none is named. */
  endMembership(user: string, room: string | undefined): void {
    const { read } = this.#open()
    if (room === undefined) read.delete(user)
    else read.get(user)?.delete(room)
  }

  /** Ends all memberships of a room. */
  forgetRoom(room: string): void {
    for (const rooms of this.#open().read.values()) rooms.delete(room)
  }

  async read(user: string, room: string, seq: number): Promise<boolean> {
    const rooms = this.#open().read.get(user)
    if (seq <= (rooms?.get(room) ?? Number.POSITIVE_INFINITY)) return false
    rooms!.set(room, seq)
    return true
  }

  /** Everything rejects from now on. */
  close(): void {
    this.#book = undefined
  }

  #open(): Book {
    if (this.#book === undefined) throw new Unavailable('the store is closed')
    return this.#book
  }
}

function banKey(room: string, address: string): string {
  return JSON.stringify([room, address])
}
