// The messages of the subprotocol `chat.v1.json`, one JSON object in each text frame. Types only,
// shared by the page and the server. request-schema.ts validates them.

import type { Author, EntryContent, Fold } from '../log/entry.ts'

/** A request. Its `id` is chosen by the client, and its one reply has the same `id`. */
export type Request =
  | HelloRequest
  | JoinRequest
  | LeaveRequest
  | RemoveRequest
  | SendRequest
  | EditRequest
  | DeleteRequest
  | ReactRequest
  | TopicRequest
  | HistoryRequest
  | SearchRequest
  | AuthRequest
  | ModerateRequest
  | WhoRequest
  | RoomsRequest
  | PingRequest

/** A message without a reply. May be lost. */
export type Notification = ReadNotification | TypingNotification

/** The first thing on every connection, within 10 seconds. */
export interface HelloRequest {
  readonly t: 'hello'
  readonly id: number
  /** The version of this language: 1. */
  readonly v: number
  /** The name of a new guest, for a client without a token. */
  readonly nick?: string
  /** The token from an earlier `hello` or `auth`. */
  readonly token?: string
  /**
   * The rooms to join, with the last known position of each, as a `join` with `since` does; at most
   * 100. A room that can no longer be joined is named in a `notice` and gets no `sync`.
   */
  readonly resume?: Readonly<Record<string, readonly [epoch: string, seq: number]>>
}

/**
 * Comes into a room. With `since`, a `sync` with all that was missed follows the reply, even if
 * that was nothing.
 */
export interface JoinRequest {
  readonly t: 'join'
  readonly id: number
  readonly room: string
  readonly since?: readonly [epoch: string, seq: number]
  /** Creates the room if it does not exist, with this user as its owner. */
  readonly create?: boolean
}

export interface LeaveRequest {
  readonly t: 'leave'
  readonly id: number
  readonly room: string
}

/**
 * For admins: removes a room, its log and all its memberships. Not the lobby. A room created later
 * with the same name is a different one.
 */
export interface RemoveRequest {
  readonly t: 'remove'
  readonly id: number
  readonly room: string
}

/**
 * `cid`: 1 to 64 characters of A–Z a–z 0–9 - _, 128 random bits; a retry with the same one stores
 * nothing twice.
 */
export interface SendRequest {
  readonly t: 'send'
  readonly id: number
  readonly room: string
  readonly cid: string
  /** 1 to 4,000 characters (UTF-16 units), not only white space. */
  readonly body: string
  /** Said of oneself, as /me does. */
  readonly as?: 'me'
  /** The message that this one answers. */
  readonly reply?: number
}

export interface EditRequest {
  readonly t: 'edit'
  readonly id: number
  readonly room: string
  readonly cid: string
  readonly seq: number
  readonly body: string
}

export interface DeleteRequest {
  readonly t: 'del'
  readonly id: number
  readonly room: string
  readonly cid: string
  readonly seq: number
}

/**
 * `emoji`: exactly one emoji, with or without variation selectors (U+FE0F), or a text that an
 * earlier version stored on the message; at most 20 different ones on one message. The entry has
 * the form that the message has already, or the one with all variation selectors that the emoji
 * needs.
 */
export interface ReactRequest {
  readonly t: 'react'
  readonly id: number
  readonly room: string
  readonly cid: string
  readonly seq: number
  readonly emoji: string
  readonly on: boolean
}

/**
 * `topic`: at most 200 characters; empty only for owners and admins, to remove it. Line breaks
 * become spaces, invisible and direction characters are removed.
 */
export interface TopicRequest {
  readonly t: 'topic'
  readonly id: number
  readonly room: string
  readonly cid: string
  readonly topic: string
}

/**
 * One of `before`, `after`, `around`, or none for the newest. `limit` 1 to 100, 50 when left out. A
 * page of long entries ends earlier: it has at least one entry, and is without holes. Whether there
 * are more is known by `oldest` and `top`.
 */
export interface HistoryRequest {
  readonly t: 'history'
  readonly id: number
  readonly room: string
  readonly before?: number
  readonly after?: number
  readonly around?: number
  readonly limit?: number
  /** With `after`: messages with their folds, which the pages of the others have anyway. */
  readonly folds?: boolean
}

/**
 * Searches the rooms that the user is a member of. `q`: 1 to 200 characters; a message matches if
 * it contains all words, the last of which may be a prefix. Emoji are words. In scripts without
 * spaces between words (Chinese, Japanese, Thai …) and in Korean, a part of `q` without spaces
 * matches anywhere in a text. `limit` 1 to 50, 20 by default. A search ends after a certain amount
 * of text: then its reply has a `next`, perhaps with fewer hits than `limit` or none.
 */
export interface SearchRequest {
  readonly t: 'search'
  readonly id: number
  readonly q: string
  /** Only in this room. */
  readonly room?: string
  /** `next` of an earlier reply: continues with older messages. */
  readonly before?: number
  readonly limit?: number
}

/**
 * `register` makes a registered user of a guest, or of a client without a user. A guest keeps the
 * id and gets a new token; the guest's other connections are closed (4501) and the old token is no
 * longer valid. `login` signs in as another user: the connection leaves its rooms, and its previous
 * session ends. `logout` ends the session. `nick` changes the name.
 */
export interface AuthRequest {
  readonly t: 'auth'
  readonly id: number
  readonly op: 'register' | 'login' | 'logout' | 'nick'
  readonly nick?: string
  readonly password?: string
}

/**
 * For the owner of a room and for admins. A removed or banned user receives the entry and is out of
 * the room. Removal from the lobby is removal from the chat: close 4502 or 4503.
 */
export interface ModerateRequest {
  readonly t: 'mod'
  readonly id: number
  readonly room: string
  readonly op: ModerateOperation
  /** The id of whom it is about: kick, ban, unban, mute. */
  readonly user?: string
  /**
   * ban: its duration, unlimited by default. mute: its duration, 600 by default, 0 ends it. slow:
   * between two messages of one user, 0 ends it.
   */
  readonly secs?: number
  /** lock: false unlocks. */
  readonly on?: boolean
  /** As a topic. */
  readonly why?: string
  /**
   * ban: guests from the addresses of this user cannot join, and in the lobby cannot register, for
   * as long as the ban lasts and at most 7 days. Addresses are stored as salted hashes. `unban`
   * ends it.
   */
  readonly address?: true
}

export type ModerateOperation = 'kick' | 'ban' | 'unban' | 'mute' | 'lock' | 'slow'

export interface WhoRequest {
  readonly t: 'who'
  readonly id: number
  readonly room: string
}

/**
 * All rooms, a page at a time, by their names. `after`: `next` of the page before. `limit` 1 to
 * 100, 100 when left out.
 */
export interface RoomsRequest {
  readonly t: 'rooms'
  readonly id: number
  readonly after?: string
  readonly limit?: number
}

export interface PingRequest {
  readonly t: 'ping'
  readonly id: number
}

/** The read position of this user, which only moves forward. */
export interface ReadNotification {
  readonly t: 'read'
  readonly room: string
  readonly seq: number
}

export interface TypingNotification {
  readonly t: 'typing'
  readonly room: string
  readonly on: boolean
}

/** A user in a room. */
export interface User extends Author {
  readonly guest: boolean
  /** May moderate every room. */
  readonly admin?: boolean
}

/** The public description of a room. */
export interface RoomInfo {
  readonly room: string
  readonly topic: string
  readonly epoch: string
  /** The newest position, 0 in an empty log; the oldest that is kept (`top` + 1 if none is). */
  readonly top: number
  readonly oldest: number
  /** The read position of this user, 0 for nothing. */
  readonly read: number
  /** The number of present members. */
  readonly members: number
  /** The id of the user who created the room, if known. */
  readonly owner?: string
}

/** A reply's fields beside `t: 'ok'` and `id`, by the `t` of its request. */
export interface Replies {
  hello: {
    /** Names this connection in logs. */
    readonly conn: string
    /** The server's clock, in milliseconds since 1970. */
    readonly now: number
    /** Milliseconds of silence after which a client should `ping`. */
    readonly hb: number
    /**
     * Absent if the client is not signed in (`--auth register` without a token): then only `auth`
     * and `ping` are allowed.
     */
    readonly user?: User
    /** A new one, to be kept for the next `hello`. */
    readonly token?: string
    readonly auth: 'guest' | 'register'
    /**
     * Longest frame in bytes and body in characters, writes (at once, a second), most entries of a
     * page.
     */
    readonly limits: {
      readonly frame: number
      readonly body: number
      readonly rate: readonly [burst: number, perSecond: number]
      readonly page: number
    }
    /** `lobby` and the rooms that this user is a member of, at most 100. */
    readonly rooms: readonly RoomInfo[]
  }
  join: RoomInfo & {
    /** Up to 200 members; absent if there are more. */
    readonly here?: readonly Author[]
    /** The restrictions in force. */
    readonly locked?: boolean
    readonly slow?: number
  }
  leave: object
  remove: object
  send: Stored & { readonly cid: string; readonly ts: number }
  edit: Stored
  del: Stored
  react: Stored
  topic: Stored
  mod: Stored
  history: {
    readonly epoch: string
    readonly top: number
    readonly oldest: number
    readonly log: readonly WireEntry[]
    /** Requested entries are no longer kept. */
    readonly gap?: true
  }
  search: {
    readonly hits: readonly {
      readonly room: string
      readonly seq: number
      readonly ts: number
      readonly user: Author
      readonly snip: readonly (readonly [text: string, hit: boolean])[]
    }[]
    readonly next?: number
  }
  auth: { readonly token?: string; readonly user?: User }
  who: { readonly members: readonly Author[]; readonly count: number }
  /** `next`: there are more rooms, after this one. */
  rooms: { readonly rooms: readonly RoomInfo[]; readonly next?: string }
  ping: { readonly now: number }
}

/** It is stored, here. `dup`: it was already, by an earlier try. */
export interface Stored {
  readonly seq: number
  readonly epoch: string
  readonly dup?: true
}

export type OkReply<T extends keyof Replies = keyof Replies> = {
  readonly t: 'ok'
  readonly id: number
} & Replies[T]

/** `id` is absent only where none could be read. */
export interface ErrorReply {
  readonly t: 'err'
  readonly id?: number
  readonly code: ErrorCode
  /** For people: the problem, and what was expected. */
  readonly msg: string
  /** The same may succeed if it is tried again, with the same `cid`. */
  readonly temporary?: true
  /** … after this many milliseconds. */
  readonly retry?: number
}

export type ErrorCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'too_long'
  | 'rate_limited'
  | 'busy'
  | 'unavailable'
  | 'gap'
  | 'exists'
  | 'unknown'
  | 'version'

/**
 * An entry as it is sent: without the epoch, which belongs to the room; with `cid` only for the
 * user who sent it.
 */
export type WireEntry = EntryContent & {
  readonly seq: number
  readonly user: Author
  readonly ts: number
  readonly fold?: Fold
  readonly cid?: string
}

/** A message that is not a reply. */
export type Push =
  | EntryPush
  | SyncPush
  | PresencePush
  | TypingPush
  | ReadPush
  | RemovedPush
  | NoticePush
  | ByePush

export type EntryPush = WireEntry & { readonly t: 'entry'; readonly room: string }

/**
 * The log from `from` to `to`, both included, in order (`to` = `from` − 1 if nothing was missed).
 * `more`: another `sync` follows before live entries. `ok: false`: the client's entries do not
 * belong to this log, or those in between are no longer kept: drop the local log, start again at
 * `to` with an empty one, and read earlier entries with `history`.
 */
export interface SyncPush {
  readonly t: 'sync'
  readonly room: string
  readonly epoch: string
  readonly from: number
  readonly to: number
  readonly ok: boolean
  readonly log: readonly WireEntry[]
  readonly more: boolean
}

/** Users who have joined and left, collected for a second. Lists at most 200 members. */
export interface PresencePush {
  readonly t: 'presence'
  readonly room: string
  readonly count: number
  readonly join?: readonly Author[]
  readonly part?: readonly string[]
}

/** Expires after 6 seconds, and with a message of that user. */
export interface TypingPush {
  readonly t: 'typing'
  readonly room: string
  readonly user: Author
  readonly on: boolean
}

/** The same user has read further, on another connection. */
export interface ReadPush {
  readonly t: 'read'
  readonly room: string
  readonly seq: number
}

/** An admin has removed the room, or it was never used: the connection is out of it. */
export interface RemovedPush {
  readonly t: 'removed'
  readonly room: string
}

export interface NoticePush {
  readonly t: 'notice'
  readonly level: 'info' | 'warn'
  readonly msg: string
}

/** A close follows. `after`: milliseconds to wait before a new connection. */
export interface ByePush {
  readonly t: 'bye'
  readonly code: number
  readonly reason: string
  readonly after: number
  readonly reconnect: boolean
}

export type ServerMessage = OkReply | ErrorReply | Push
