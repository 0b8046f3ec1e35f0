// What is written down while the chat runs, and all that its promise is judged by. Times are milliseconds of this machine's clock that
// only goes forward, which all its processes share.

/** The clock of all journals. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

/** What one publisher did. `id` names a message, the same in each of its tries. */
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
  /** `temporary`: it is to be tried again. */
  | {
      readonly t: 'refused'
      readonly at: number
      readonly id: string
      readonly code: string
      readonly temporary: boolean
    }
  /** A connection has ended; what became of the messages on their way is not known. */
  | { readonly t: 'cut'; readonly at: number }
  /** The chat does not know this publisher any more, who begins anew as another user and sends no message again that is on its way. */
  | { readonly t: 'forgotten'; readonly at: number }

/** What one subscriber was given, in its order. */
export type SubscriberRecord =
  /** It has come into the room with what it has already: all up to there. */
  | { readonly t: 'joined'; readonly at: number; readonly epoch: string; readonly seq: number }
  /** An entry; `id` is the message that it is, see `nameOf`. */
  | { readonly t: 'seen'; readonly at: number; readonly seq: number; readonly id: string }
  /** It was told that it has to begin anew, behind this position. */
  | { readonly t: 'told'; readonly at: number; readonly epoch: string; readonly seq: number }
  | { readonly t: 'cut'; readonly at: number }
  | { readonly t: 'forgotten'; readonly at: number }

/** An entry of a log; of an edit or a reaction the position of the message as well. */
export type LoggedEntry = readonly [seq: number, id: string, target?: number]

/** What has become of a message, as a node gave it: the edit that it reads as, and the reaction on it; nothing for none. */
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

/** One fault, from its beginning to the time when it was taken away, and to that at which each node had stored a message again. */
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

/** Whose journal it is. `rough`: through a network that is slow or cuts everything into slices. */
export interface Keeper {
  readonly t: 'keeper'
  readonly role: 'publisher' | 'subscriber'
  readonly name: string
  readonly room: string
  readonly rough: boolean
}

export type JournalRecord = Keeper | PublisherRecord | SubscriberRecord | Reading | FaultRecord
