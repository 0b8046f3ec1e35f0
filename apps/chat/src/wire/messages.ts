// What a client and the chat say to each other: the subprotocol `chat.v1.json`, one JSON object a text frame. Types only; the page
// and the server import the same ones. How a text becomes a request is read-request.ts.

import type { Author, EntryContent, Fold } from '../log/entry.ts'

/** What a client asks for. Each has an `id` of the client's choice and gets exactly one reply with it. */
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

/** What a client says without expecting a reply. Lossy. */
export type Notification = ReadNotification | TypingNotification

/** The first thing on every connection, within 10 seconds. */
export interface HelloRequest {
  readonly t: 'hello'
  readonly id: number
  /** The version of this language: 1. */
  readonly v: number
  /** Who has no token yet, and wants to be a guest of this name. */
  readonly nick?: string
  /** Who has been here before: what an earlier `hello` or `auth` was given. */
  readonly token?: string
  /**
   * The rooms to be in at once, and what is known of each already: as a `join` with `since` for each, at most 100. One that cannot be
   * entered any more is told in a `notice`, and no `sync` comes for it.
   */
  readonly resume?: Readonly<Record<string, readonly [epoch: string, seq: number]>>
}

/** Comes into a room. With `since`, a `sync` with all that was missed follows the reply, even if that was nothing. */
export interface JoinRequest {
  readonly t: 'join'
  readonly id: number
  readonly room: string
  readonly since?: readonly [epoch: string, seq: number]
  /** Makes the room if there is none, with its maker as its owner. */
  readonly create?: boolean
}

export interface LeaveRequest {
  readonly t: 'leave'
  readonly id: number
  readonly room: string
}

/** For admins: removes a room, its log and all memberships of it. Not the lobby. A room of this name that is made later is another one. */
export interface RemoveRequest {
  readonly t: 'remove'
  readonly id: number
  readonly room: string
}

/** `cid`: 1 to 64 characters of A–Z a–z 0–9 - _, 128 random bits; a retry with the same one stores nothing twice. */
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
 * `emoji`: exactly one emoji, with or without variation selectors (U+FE0F), or a text that an earlier version stored on the message;
 * at most 20 different ones on one message. The entry has the form that the message has already, or the one with all variation
 * selectors that the emoji needs.
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

/** `topic`: at most 200 characters; empty only for owners and admins, to remove it. Line breaks become spaces, invisible and direction characters are removed. */
export interface TopicRequest {
  readonly t: 'topic'
  readonly id: number
  readonly room: string
  readonly cid: string
  readonly topic: string
}

/**
 * One of `before`, `after`, `around`, or none for the newest. `limit` 1 to 100, 50 when left out. A page of long entries ends
 * earlier: it has at least one entry, and is without holes. Whether there are more is known by `oldest` and `top`.
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
 * In the rooms that the user is a member of. `q`: 1 to 200 characters; a message matches if it has all of the words, the last of
 * which may be the beginning of a longer one. Emoji are words. Where words are written without spaces (Chinese, Japanese, Thai …),
 * and in Korean, what stands in `q` without a space is found anywhere within a text. `limit` 1 to 50, 20 when left out. A search ends when it has looked at much text: its reply has a `next`
 * then, perhaps with fewer hits than `limit`, or none.
 */
export interface SearchRequest {
  readonly t: 'search'
  readonly id: number
  readonly q: string
  /** Only in this room. */
  readonly room?: string
  /** `next` of an earlier reply: goes on with older ones. */
  readonly before?: number
  readonly limit?: number
}

/**
 * `register` makes a guest (or nobody yet) a registered user, with the same identity and a new token; the guest's other connections
 * are closed (4501), and their token is no longer valid. `login` makes the connection another user's (it leaves its rooms), and ends
 * the session that it had; `logout` ends the session whose token it came with; `nick` changes the name.
 */
export interface AuthRequest {
  readonly t: 'auth'
  readonly id: number
  readonly op: 'register' | 'login' | 'logout' | 'nick'
  readonly nick?: string
  readonly password?: string
}

/**
 * For the owner of a room and for admins. Who is kicked or banned gets the entry that says so, and is out of the room; out of the lobby
 * is out of the chat: close 4502 or 4503.
 */
export interface ModerateRequest {
  readonly t: 'mod'
  readonly id: number
  readonly room: string
  readonly op: ModerateOperation
  /** The id of whom it is about: kick, ban, unban, mute. */
  readonly user?: string
  /** ban: for how long, for ever when left out. mute: for how long, 0 ends it, 600 when left out. slow: between two messages of one user, 0 ends it. */
  readonly secs?: number
  /** lock: false unlocks. */
  readonly on?: boolean
  /** As a topic. */
  readonly why?: string
  /**
   * ban: no guest comes in, and from the lobby nobody registers, from the addresses of this user, for as long as the ban lasts and
   * at most 7 days. Addresses are stored as salted hashes. `unban` ends that.
   */
  readonly address?: true
}

export type ModerateOperation = 'kick' | 'ban' | 'unban' | 'mute' | 'lock' | 'slow'

export interface WhoRequest {
  readonly t: 'who'
  readonly id: number
  readonly room: string
}

/** All rooms, a page at a time, by their names. `after`: `next` of the page before. `limit` 1 to 100, 100 when left out. */
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

/** How far this user has read: only forward. */
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

/** Somebody who is here. */
export interface User extends Author {
  readonly guest: boolean
  /** May moderate every room. */
  readonly admin?: boolean
}

/** What is known of a room from outside. */
export interface RoomInfo {
  readonly room: string
  readonly topic: string
  readonly epoch: string
  /** The newest position, 0 in an empty log; the oldest that is kept (`top` + 1 if none is). */
  readonly top: number
  readonly oldest: number
  /** How far this user has read, 0 for nothing. */
  readonly read: number
  /** How many are here now. */
  readonly members: number
  /** The id of who made it, if anybody did. */
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
    /** Absent where nobody is signed in yet (`--auth register` without a token): then only `auth` and `ping` are allowed. */
    readonly user?: User
    /** A new one, to be kept for the next `hello`. */
    readonly token?: string
    readonly auth: 'guest' | 'register'
    /** Longest frame in bytes and body in characters, writes (at once, a second), most entries of a page. */
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
    /** Up to 200; left out where there are more. */
    readonly here?: readonly Author[]
    /** What moderation is in force. */
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
    /** Entries that were asked for are not kept any more. */
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
  /** For people: what was wrong and what was expected. */
  readonly msg: string
  /** The same may succeed if it is tried again, with the same `cid`. */
  readonly temporary?: true
  /** … after so many milliseconds. */
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

/** An entry as it travels: without its epoch, which the room's is; `cid` only to the connections of the user who sent it. */
export type WireEntry = EntryContent & {
  readonly seq: number
  readonly user: Author
  readonly ts: number
  readonly fold?: Fold
  readonly cid?: string
}

/** What comes unasked. */
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
 * The log from `from` to `to`, both included, in order (`to` = `from` − 1 where nothing was missed). `more`: another follows before
 * anything live. `ok: false`: what the client has does not belong to this log, or what lies between is not kept any more: drop the
 * local log, begin anew at `to` (the log is empty then), read the past by `history`.
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

/** Who came and who went, gathered for a second. Lists only up to 200 members. */
export interface PresencePush {
  readonly t: 'presence'
  readonly room: string
  readonly count: number
  readonly join?: readonly Author[]
  readonly part?: readonly string[]
}

/** Forgotten after 6 seconds, and when a message of that user comes. */
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
