// The interface of a store: the logs, and everything else that outlives a process. Implemented in
// memory, on SQLite and on Redis; conformance tests hold them to the same behavior.

import type { Rate } from '@ws/server'
import type { Author, Draft, Entry, Json, Position } from '../log/entry.ts'
import type { Guard, Restriction, StatePatch } from '../log/room-state.ts'

/**
 * Called by an engine from `start` on. Synchronous, and must not throw. Events about entries are
 * hints: they may be missing, duplicated or out of order. A {@link ../engine/sequencer.ts |
 * Sequencer} makes an unbroken stream of them, with the help of the log.
 */
export interface Sink {
  /** This was stored, by this process or by another. */
  entry(entry: Entry): void
  /**
   * A room with this epoch was removed, by this process or another. Never lost: reported at the
   * latest by the next `tops`, or when the store is up again. The name may belong to another room
   * by then.
   */
  removed(room: string, epoch: string): void
  /** Hints may have been lost: read the logs. */
  lost(): void
  /** An event of `signal`, from this node or another. */
  signal(room: string, event: Json): void
  /** `down`: operations reject with {@link Unavailable}. `up` is also called at the start. */
  state(state: 'up' | 'down', cause?: Error): void
}

/**
 * An operation could not be done now. Whether a `publish` was stored is unknown: another with the
 * same `cid` finds out.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/** The options of all engines. */
export interface EngineOptions {
  /** Most entries that are kept of each room; all when left out. */
  readonly keep?: number
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number
}

/** After its disposal all that returns a promise rejects with {@link Unavailable}. */
export interface Engine extends AsyncDisposable {
  /** For messages and logs: `memory`, `sqlite` … */
  readonly name: string
  /** Called once, before everything else. Rejects if the store cannot be opened at all. */
  start(sink: Sink): Promise<void>

  /** Makes a room. False if there is one already. */
  createRoom(room: string): Promise<boolean>
  /**
   * Removes a room with its log and its state, and ends all its memberships. With `end`, only if
   * its log ends there. False if nothing was removed. A room created later with the same name has
   * another epoch.
   */
  removeRoom(room: string, end?: Position): Promise<boolean>
  /** The position, the oldest entry and the state of a room; undefined if it does not exist. */
  room(room: string): Promise<StoredRoom | undefined>
  /** Names of rooms in their order, at most `limit`, after `after`. */
  rooms(limit: number, after?: string): Promise<readonly string[]>
  /** The ends of several logs. Rooms that do not exist are not in the map. */
  tops(rooms: readonly string[]): Promise<ReadonlyMap<string, Position>>

  /**
   * Once it has resolved, the sink receives hints of new entries in the room. Further calls do
   * nothing.
   */
  subscribe(room: string): Promise<void>
  unsubscribe(room: string): Promise<void>

  /**
   * Appends a draft to the log of a room, together with the changes that `options` name and the
   * fold of the message that it changes. Resolves when it is on disk. If this user has used the
   * `cid` in this room before, nothing is stored, `dup` is true, and the result is the first entry.
   * Rejects with {@link Unavailable}, {@link NoSuchRoom} or {@link Forbidden}.
   */
  publish(
    room: string,
    draft: Draft,
    options?: PublishOptions,
  ): Promise<{ readonly entry: Entry; readonly dup: boolean }>
  /**
   * Entries of a log, in its order. With `after` alone, as they were stored; else with their folds.
   */
  history(room: string, query: HistoryQuery): Promise<Page>
  /** An entry with its fold; undefined if it does not exist or is no longer kept. */
  entry(room: string, seq: number): Promise<Entry | undefined>
  /**
   * Messages with all words and phrases of `query.text` (words.ts), newest first; as they read now,
   * without deleted ones. Looks at a bounded amount of text in a bounded time, and lets the event
   * loop turn in between. A search that has not looked everywhere has a `next`.
   */
  search(query: SearchQuery): Promise<SearchResult>

  /** Fire and forget, to all nodes that are subscribed to the room, this one too. */
  signal(room: string, event: Json): void

  readonly presence: Presence
  readonly accounts: Accounts
  readonly allowances: Allowances
}

export class NoSuchRoom extends Error {
  override readonly name = 'NoSuchRoom'
}

/** Nothing was stored, because a restriction is in force in a room. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden'
  readonly restriction: Restriction
  /** In milliseconds since 1970; undefined where it has no end. */
  readonly until: number | undefined

  constructor(restriction: Restriction, value: true | number) {
    super(`${restriction.key} is in force in ${restriction.room}`)
    this.restriction = restriction
    this.until = value === true ? undefined : value
  }
}

/** Conditions and changes that share the transaction of a stored entry. */
export interface PublishOptions {
  /** Changes the room's state. */
  readonly patch?: StatePatch
  /** The entry is refused with {@link Forbidden} while one of these is in force. */
  readonly guard?: Guard
  /** Ends the membership of a user: of this room, or of all rooms. */
  readonly expels?: { readonly user: string; readonly from: 'room' | 'all rooms' }
}

export interface StoredRoom extends Position {
  /** The first position that is kept; `seq` + 1 where none is. */
  readonly oldest: number
  readonly state: ReadonlyMap<string, Json>
}

export interface HistoryQuery {
  /** At most one of them; none is the newest. Both exclude the entry itself. */
  readonly after?: number
  readonly before?: number
  /** At least 1. */
  readonly limit: number
  /**
   * Characters of stored text after which a page ends, though fewer than `limit` entries are on it;
   * at least one entry is.
   */
  readonly size?: number
  /** With `after`: entries with their folds. */
  readonly folded?: boolean
}

export interface Page extends Position {
  /** `seq` and `epoch` are the end of the log at the time of reading. */
  readonly oldest: number
  readonly entries: readonly Entry[]
}

export interface SearchQuery {
  readonly text: string
  /** Only in these. */
  readonly rooms?: readonly string[]
  /** Not in these. */
  readonly except?: readonly string[]
  /** `next` of an earlier answer. */
  readonly before?: number
  readonly limit: number
  /** Ends the search early. */
  readonly signal?: AbortSignal
}

export interface SearchResult {
  readonly hits: readonly Hit[]
  /** Older messages have not been searched: the `before` of the next search. */
  readonly next?: number
}

export interface Hit {
  readonly entry: Entry
  /** The text around the words, in pieces; `true` for a word that was looked for. */
  readonly snippet: readonly (readonly [text: string, hit: boolean])[]
}

/**
 * The presence of users on all nodes. A node reports its users every 10 s; users that are not
 * reported for 30 s are forgotten. A user may be on several nodes.
 */
export interface Presence {
  /** These are in the room, with this node. */
  here(room: string, users: readonly Author[]): Promise<void>
  /** These users are no longer connected to this node. */
  gone(room: string, ids: readonly string[]): Promise<void>
  /** The number of different users, and up to `limit` of them, sorted by name. */
  members(
    room: string,
    limit: number,
  ): Promise<{ readonly count: number; readonly members: readonly Author[] }>
}

/**
 * The kinds of allowances, named after the limited action and the key. Each kind has its own keys
 * and one rate, so that filling the table of one kind does not affect another.
 */
export type AllowanceKind =
  | 'account-address'
  | 'account-network'
  | 'login-new-address'
  | 'login-new-network'
  | 'login-new-account'
  | 'login-known-address'
  | 'login-known-network'
  | 'login-known-account'
  | 'login-account'
  | 'rename-user'
  | 'room-address'
  | 'room-network'
  | 'search-user'
  | 'search-address'
  | 'search-network'
  | 'read-address'
  | 'read-network'
  | 'sync-address'
  | 'sync-network'
  | 'write-address'
  | 'write-network'

/** Rate limits that hold for all nodes together. An unknown key has a full allowance. */
export interface Allowances {
  /**
   * Takes `cost` (1) from an allowance and returns 0, or takes nothing and returns the milliseconds
   * to wait. A cost above the burst can be taken when the allowance is full, and leaves a debt.
   * Must be called with the same rate for all keys of a kind. An allowance that is not full is
   * never forgotten. Engines with bounded tables share one allowance among the keys that do not
   * fit.
   */
  take(kind: AllowanceKind, key: string, rate: Rate, cost?: number): Promise<number>
}

/**
 * Milliseconds for which a guest without a session, and their name, are kept: from the creation of
 * the guest, or from the end of a session.
 */
export const GUEST_GRACE = 3_600_000

/** Milliseconds for which only its last holder can take a name that was given up. */
export const NAME_REST = 3_600_000

/**
 * Why a name is not available: another user has it; it looks like the name of another user; or
 * another user gave up this name, or one that looks like it, less than {@link NAME_REST} ago.
 */
export type NameObstacle = 'taken' | 'alike' | 'resting'

/** Addresses that are remembered of one account. */
export const MOST_ADDRESSES = 32

/** A stored user. `password` is a hash from password.ts; guests have none. */
export interface Account extends Author {
  readonly guest: boolean
  readonly password?: string
  /** May moderate every room. Of registered users only. */
  readonly admin?: true
}

/**
 * Users with their names, sessions, memberships and read positions. Names are unique regardless of
 * case and form (`nameKey`).
 */
export interface Accounts {
  /** False if there is an account with this id, or if the name is not available. */
  create(account: Account): Promise<boolean>
  /**
   * Why an account, or a new one, cannot take a name; undefined if it can, or has it. Another user
   * may still take it first.
   */
  obstacle(nick: string, id?: string): Promise<NameObstacle | undefined>
  byId(id: string): Promise<Account | undefined>
  byNick(nick: string): Promise<Account | undefined>
  /**
   * Changes the name of an account. The old one rests. False if the new one is not available, or
   * there is no such account.
   */
  rename(id: string, nick: string): Promise<boolean>
  /**
   * Makes a registered user of a guest, with this name and this password, and closes all sessions
   * of the account. False if the name is not available, or there is no such guest.
   */
  register(id: string, nick: string, password: string): Promise<boolean>

  /** Makes a registered user an admin, or revokes it. False if there is no such user. */
  setAdmin(id: string, isAdmin: boolean): Promise<boolean>

  /** A session by the hash of its token; all times in milliseconds since 1970. */
  openSession(hash: string, user: string, expires: number): Promise<void>
  /** The account of a session; undefined if there is no such session, or it has expired. */
  session(hash: string, now: number): Promise<Account | undefined>
  /** Extends a session, and never shortens it. False if there is no such session. */
  renewSession(hash: string, expires: number): Promise<boolean>
  closeSession(hash: string): Promise<void>
  /**
   * Removes expired sessions, guests without a session after {@link GUEST_GRACE}, names that have
   * rested, and bans that are over.
   */
  sweep(now: number): Promise<void>

  /**
   * Remembers where an account has signed in from: the {@link MOST_ADDRESSES} that were used last.
   */
  addAddress(user: string, address: string): Promise<void>
  hasAddress(user: string, address: string): Promise<boolean>
  /** Those that are remembered, in no order. */
  addresses(user: string): Promise<readonly string[]>

  /** The random salt of this store for hashes of addresses. */
  salt(): Promise<string>
  /**
   * Bans addresses from a room until a time, in milliseconds since 1970; a time that is over ends
   * their bans.
   */
  banAddresses(room: string, addresses: readonly string[], until: number): Promise<void>
  /** Until when an address is banned from one of these rooms; undefined if it is from none. */
  addressBan(rooms: readonly string[], address: string): Promise<number | undefined>

  /** Rooms that a user is a member of, and how far each was read. */
  memberships(user: string): Promise<ReadonlyMap<string, number>>
  /** Rejects with {@link Forbidden} while a restriction of `guard` is in force. */
  enter(user: string, room: string, guard?: Guard): Promise<void>
  leave(user: string, room: string): Promise<void>
  /**
   * Moves the read position forward. False if it was there already, or the user is not a member.
   */
  read(user: string, room: string, seq: number): Promise<boolean>
}
