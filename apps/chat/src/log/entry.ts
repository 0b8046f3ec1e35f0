// The entries of a room's log.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * A place in the log of a room. `seq` is dense: 1, 2, 3 …; 0 is before the first. Positions of two
 * epochs cannot be compared.
 */
export interface Position {
  readonly epoch: string
  readonly seq: number
}

/** A user as others see them. `id` never changes, `nick` may. */
export interface Author {
  readonly id: string
  readonly nick: string
}

/** The data of an entry, by its kind. */
export interface EntryData {
  msg: { readonly body: string; readonly as?: 'me'; readonly reply?: number }
  /** `seq`: of the message that it changes; so in `del` and `react`. */
  edit: { readonly seq: number; readonly body: string }
  del: { readonly seq: number }
  react: { readonly seq: number; readonly emoji: string; readonly on: boolean }
  topic: { readonly topic: string }
  /** The user has their new name; `from` is the old one. */
  rename: { readonly from: string }
  mod: {
    readonly op: 'kick' | 'ban' | 'unban' | 'mute' | 'lock' | 'slow' | 'create'
    readonly user?: Author
    readonly secs?: number
    readonly on?: boolean
    readonly why?: string
    /** Of a ban: it includes the user's addresses, from which guests cannot join for a while. */
    readonly address?: true
  }
}

export type EntryKind = keyof EntryData

/** A kind, and the data of that kind. */
export type EntryContent = {
  readonly [Kind in EntryKind]: { readonly kind: Kind; readonly data: EntryData[Kind] }
}[EntryKind]

/** An entry to be stored. */
export type Draft = EntryContent & {
  /**
   * Chosen by the client, unique for a user in a room: a retry with the same one is stored once.
   */
  readonly cid: string
  readonly user: Author
}

/** A stored entry. `ts`: the server's clock, in milliseconds since 1970. */
export type Entry = Draft &
  Position & {
    readonly room: string
    readonly ts: number
    /**
     * The later changes of a message. Only on pages that are read backward, which may not contain
     * the changes themselves.
     */
    readonly fold?: Fold
  }

/** The effect of edits, deletion and reactions on a message. */
export interface Fold {
  readonly body?: string
  /** The time of the last edit. */
  readonly edited?: number
  readonly deleted?: true
  /** The ids of the users who reacted, in this order, by emoji. */
  readonly reactions?: Readonly<Record<string, readonly string[]>>
}
