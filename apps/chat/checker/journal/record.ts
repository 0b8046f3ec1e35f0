// The records that are written while the chat runs, from which alone it is judged. Times are
// milliseconds of this machine's monotonic clock, which all its processes share.

/** The clock of all journals. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

/** The actions of one publisher. `id` names a message, and is the same for all its retries. */
export type PublisherRecord =
  /** It is about to be sent. */
  | { readonly t: 'sent'; readonly at: number; readonly id: string }
  | {
      readonly t: 'acknowledged'
      readonly at: number
      readonly id: string
      readonly epoch: string
      readonly seq: number
      readonly dup?: true
    }
  /** `temporary`: to be retried. */
  | {
      readonly t: 'refused'
      readonly at: number
      readonly id: string
      readonly code: string
      readonly temporary: boolean
    }
  /** A connection has ended; the outcome of its requests is unknown. */
  | { readonly t: 'cut'; readonly at: number }
  /**
   * The chat no longer knows this publisher, who starts again as another user and abandons the
   * messages in progress.
   */
  | { readonly t: 'forgotten'; readonly at: number }

/** The messages to one subscriber, in order. */
export type SubscriberRecord =
  /** It has joined the room with everything up to a position. */
  | { readonly t: 'joined'; readonly at: number; readonly epoch: string; readonly seq: number }
  /** An entry; `id` is the message that it is, see `nameOf`. */
  | { readonly t: 'seen'; readonly at: number; readonly seq: number; readonly id: string }
  /** It was told to start again after this position. */
  | { readonly t: 'told'; readonly at: number; readonly epoch: string; readonly seq: number }
  | { readonly t: 'cut'; readonly at: number }
  | { readonly t: 'forgotten'; readonly at: number }

/** An entry of a log; of an edit or a reaction the position of the message as well. */
export type LoggedEntry = readonly [seq: number, id: string, target?: number]

/**
 * The fold of a message as a node returned it: the edit that it shows, and its reaction; undefined
 * for none.
 */
export type LoggedFold = readonly [seq: number, edit: string, reaction: string]

/** The log of a room from its first entry on, as one node gave it when all was over. */
export interface Reading {
  readonly t: 'log'
  readonly node: number
  readonly epoch: string
  readonly top: number
  readonly entries: readonly LoggedEntry[]
  /** Of the messages that have one. */
  readonly folds: readonly LoggedFold[]
}

/** A fault with its start and end, and the time at which each node had stored a message again. */
export interface FaultRecord {
  readonly t: 'fault'
  readonly kind: string
  /** Of the node that it befell, if it was one. */
  readonly node?: number
  readonly from: number
  readonly to: number
  /** Absent where that did not happen while it was waited for. */
  readonly recovered?: number
}

/** The owner of a journal. `rough`: on a network that is slow or cuts everything into slices. */
export interface Keeper {
  readonly t: 'keeper'
  readonly role: 'publisher' | 'subscriber'
  readonly name: string
  readonly room: string
  readonly rough: boolean
}

export type JournalRecord = Keeper | PublisherRecord | SubscriberRecord | Reading | FaultRecord
