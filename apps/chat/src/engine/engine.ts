// What keeps the logs, and everything else that outlives a process: the one interface that the chat knows of its store. Behind it are
// memory, SQLite or Redis; conformance tests hold them to the same behaviour.

import type { Rate } from '@ws/server'
import type { Author, Draft, Entry, Json, Position } from '../log/entry.ts'
import type { Guard, Restriction, StatePatch } from '../log/room-state.ts'

/**
 * What an engine calls, from `start` on. Synchronous, and must not throw. What it says of entries is a hint: it may be missing, come
 * twice or out of order. A {@link ../engine/sequencer.ts | Sequencer} makes an unbroken stream of it, with the log behind it.
 */
export interface Sink {
  /** This was stored, by this process or by another. */
  entry(entry: Entry): void
  /**
   * A room was removed, by this process or by another, whose log had this epoch. Not lossy: comes at the latest with the next
   * `tops`, or when the store is up again. There may be another room of that name by then.
   */
  removed(room: string, epoch: string): void
  /** Hints may have been lost: whoever listens should look into the logs. */
  lost(): void
  /** What `signal` was given, here or elsewhere. */
  signal(room: string, event: Json): void
  /** `down`: operations reject with {@link Unavailable}. `up` comes once at the start, too. */
  state(state: 'up' | 'down', cause?: Error): void
}

/** An operation could not be done now. Whether a `publish` was stored is unknown: another with the same `cid` finds out. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/** What all engines on one machine can be told. */
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
  /** Once, before all else. Rejects where there is no store to be had. */
  start(sink: Sink): Promise<void>

  /** Makes a room. False if there is one already. */
  createRoom(room: string): Promise<boolean>
  /**
   * Removes a room with its log and its state, and ends all memberships of it. With `end`, only while its log ends there. False if
   * nothing was removed. A room of this name that is made later has another epoch.
   */
  removeRoom(room: string, end?: Position): Promise<boolean>
  /** Where the log of a room ends, what is kept of it, what is in force in it. Undefined where there is no such room. */
  room(room: string): Promise<StoredRoom | undefined>
  /** Names of rooms in their order, at most `limit`, after `after`. */
  rooms(limit: number, after?: string): Promise<readonly string[]>
  /** The ends of several logs. A room that there is not is not in the map. */
  tops(rooms: readonly string[]): Promise<ReadonlyMap<string, Position>>

  /** From its resolution on, what is stored in the room is hinted to the sink. Once more does nothing. */
  subscribe(room: string): Promise<void>
  unsubscribe(room: string): Promise<void>

  /**
   * Stores a draft at the end of a room's log, together with what `options` name and with the fold of the message that it changes.
   * Resolves when it is on disk. A `cid` that this user has used in this room before: nothing is stored, `dup` is true, and the entry
   * is the first one. Rejects with {@link Unavailable}, {@link NoSuchRoom} or {@link Forbidden}.
   */
  publish(
    room: string,
    draft: Draft,
    options?: PublishOptions,
  ): Promise<{ readonly entry: Entry; readonly dup: boolean }>
  /** Entries of a log, in its order. With `after` alone, as they were stored; else with their folds. */
  history(room: string, query: HistoryQuery): Promise<Page>
  /** One entry with its fold; undefined where there is none, or no more. */
  entry(room: string, seq: number): Promise<Entry | undefined>
  /**
   * Messages with all words and phrases of `query.text` (words.ts), newest first; as they read now, without deleted ones. Looks at a bounded amount of
   * text in a bounded time, and lets the event loop turn in between. A search that has not looked everywhere has a `next`.
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

/** Nothing was stored, because of what is in force in a room. */
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
  readonly unless?: Guard
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
  /** Characters of stored text after which a page ends, though fewer than `limit` entries are on it; at least one entry is. */
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
  /** Older messages have not been looked at: another search goes on with this as its `before`. */
  readonly next?: number
}

export interface Hit {
  readonly entry: Entry
  /** The text around the words, in pieces; `true` for a word that was looked for. */
  readonly snippet: readonly (readonly [text: string, hit: boolean])[]
}

/**
 * Who is where, on all nodes. A node says again every 10 s who is with it; what it has not said for 30 s is forgotten. One user may be
 * on several nodes.
 */
export interface Presence {
  /** These are in the room, with this node. */
  here(room: string, users: readonly Author[]): Promise<void>
  /** These are not with this node any more. */
  gone(room: string, ids: readonly string[]): Promise<void>
  /** How many different users, and up to `limit` of them, by nick. */
  members(
    room: string,
    limit: number,
  ): Promise<{ readonly count: number; readonly members: readonly Author[] }>
}

/**
 * The kinds of allowances, named after what is limited and by what it is counted. Each kind has its own keys and one rate, so that
 * filling the table of one kind does not touch another.
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
   * Takes `cost` (1) of an allowance, and gives 0; or takes nothing, and gives the milliseconds until it can. A cost above the
   * burst can be taken when the allowance is full, and leaves a debt. Must be called with the same rate for all keys of a kind.
   * An allowance that is not full is never forgotten. Engines that can remember a bounded number share one allowance among
   * the keys for which there is no room.
   */
  take(kind: AllowanceKind, key: string, rate: Rate, cost?: number): Promise<number>
}

/**
 * Milliseconds for which a guest without a session is kept, and so the nick: from when the guest was made, or when a session of
 * theirs was closed.
 */
export const GUEST_GRACE = 3_600_000

/** Milliseconds for which only its last holder can have a nick that was given up. */
export const NAME_REST = 3_600_000

/**
 * Why a nick cannot be had: it is another's; it looks like another's, whatever the letters are; another gave it, or one that looks
 * like it, up less than {@link NAME_REST} ago.
 */
export type NickObstacle = 'taken' | 'alike' | 'resting'

/** Addresses that are remembered of one account. */
export const MOST_ADDRESSES = 32

/** A user as stored. `password` is what password.ts made of one; guests have none. */
export interface Account extends Author {
  readonly guest: boolean
  readonly password?: string
  /** May moderate every room. Of registered users only. */
  readonly admin?: true
}

/** Who there is, what they are called, by which token they are known, what they have read. Nicks are unique regardless of case and form (`nickKey`). */
export interface Accounts {
  /** False if there is an account with this id, or an obstacle to the nick. */
  create(account: Account): Promise<boolean>
  /** Why an account, or a new one, cannot have a nick; undefined if it can, or has it. Nothing is sure before it has it. */
  obstacle(nick: string, id?: string): Promise<NickObstacle | undefined>
  byId(id: string): Promise<Account | undefined>
  byNick(nick: string): Promise<Account | undefined>
  /** Gives an account another nick. The one before rests. False if there is an obstacle, or no such account. */
  rename(id: string, nick: string): Promise<boolean>
  /**
   * Makes a registered user of a guest, with this nick and this password, and closes all sessions of the account. False if there
   * is an obstacle to the nick, or no such guest.
   */
  register(id: string, nick: string, password: string): Promise<boolean>

  /** Makes an admin of a registered user, or the reverse. False if there is no such user. */
  setAdmin(id: string, isAdmin: boolean): Promise<boolean>

  /** A session by the hash of its token; all times in milliseconds since 1970. */
  openSession(hash: string, user: string, expires: number): Promise<void>
  /** Whose it is; undefined if there is none, or it has expired. */
  session(hash: string, now: number): Promise<Account | undefined>
  /** Makes it last longer, never shorter. False if there is no such session. */
  renewSession(hash: string, expires: number): Promise<boolean>
  closeSession(hash: string): Promise<void>
  /** Forgets sessions that have expired, guests without one after {@link GUEST_GRACE}, nicks that have rested, and bans that are over. */
  sweep(now: number): Promise<void>

  /** Remembers where an account has signed in from: the {@link MOST_ADDRESSES} that were used last. */
  addAddress(user: string, address: string): Promise<void>
  hasAddress(user: string, address: string): Promise<boolean>
  /** Those that are remembered, in no order. */
  addresses(user: string): Promise<readonly string[]>

  /** A random text that the store has for good: what hashes of addresses are salted with. */
  salt(): Promise<string>
  /** Bans addresses from a room until a time, in milliseconds since 1970; a time that is over ends their bans. */
  banAddresses(room: string, addresses: readonly string[], until: number): Promise<void>
  /** Until when an address is banned from one of these rooms; undefined if it is from none. */
  addressBan(rooms: readonly string[], address: string): Promise<number | undefined>

  /** Rooms that a user is a member of, and how far each was read. */
  memberships(user: string): Promise<ReadonlyMap<string, number>>
  /** Rejects with {@link Forbidden} while one of `unless` is in force. */
  enter(user: string, room: string, unless?: Guard): Promise<void>
  leave(user: string, room: string): Promise<void>
  /** Only forward. False if it had been read so far already, or the user is no member. */
  read(user: string, room: string, seq: number): Promise<boolean>
}
