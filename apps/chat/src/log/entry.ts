// The log of a room: what an entry is. Knows no connection and no store.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A place in the log of a room. `seq` is dense: 1, 2, 3 …; 0 is before the first. Positions of two epochs cannot be compared. */
export interface Position {
  readonly epoch: string
  readonly seq: number
}

/** A user as others see him. `id` never changes, `nick` may. */
export interface Author {
  readonly id: string
  readonly nick: string
}

/** What an entry says, by its kind. */
export interface EntryData {
  msg: { readonly body: string; readonly as?: 'me'; readonly reply?: number }
  /** `seq`: of the message that it changes; so in `del` and `react`. */
  edit: { readonly seq: number; readonly body: string }
  del: { readonly seq: number }
  react: { readonly seq: number; readonly emoji: string; readonly on: boolean }
  topic: { readonly topic: string }
  /** The user, with the nick since then; `from`: the nick before. */
  rename: { readonly from: string }
  mod: {
    readonly op: 'kick' | 'ban' | 'unban' | 'mute' | 'lock' | 'slow' | 'create'
    readonly user?: Author
    readonly secs?: number
    readonly on?: boolean
    readonly why?: string
    /** Of a ban: guests cannot come in from the user's addresses either, for a while. */
    readonly address?: true
  }
}

export type EntryKind = keyof EntryData

/** A kind, and the data of that kind. */
export type EntryContent = {
  readonly [Kind in EntryKind]: { readonly kind: Kind; readonly data: EntryData[Kind] }
}[EntryKind]

/** What somebody wants to have stored. */
export type Draft = EntryContent & {
  /** Made by the client, unique for a user in a room: storing it twice stores it once. */
  readonly cid: string
  readonly user: Author
}

/** What is stored. `ts`: the server's clock, in milliseconds since 1970. */
export type Entry = Draft &
  Position & {
    readonly room: string
    readonly ts: number
    /** On a message: what has become of it since. Only on pages that are read backward, where the changes themselves may be missing. */
    readonly fold?: Fold
  }

/** What edits, deletion and reactions have made of a message. */
export interface Fold {
  readonly body?: string
  /** When it was last edited. */
  readonly edited?: number
  readonly deleted?: true
  /** The ids of who reacted, by emoji, in the order in which they did. */
  readonly reactions?: Readonly<Record<string, readonly string[]>>
}
