// The journals of one room, which every rule reads.

import type { FaultRecord, PublisherRecord, Reading, SubscriberRecord } from '../journal/record.ts'
import type { Verdict } from './verdict.ts'

/** All that is known of a room. */
export interface RoomJournals {
  readonly room: string
  readonly publishers: readonly { readonly name: string; readonly records: readonly PublisherRecord[] }[]
  readonly subscribers: readonly SubscriberJournal[]
  /** The logs that each node returned at the end; at least one. */
  readonly readings: readonly Reading[]
  readonly faults: readonly FaultRecord[]
  /** The store was made to lose acknowledged writes: no violation if the epoch changed. */
  readonly mayLose: boolean
}

export interface SubscriberJournal {
  readonly name: string
  readonly rough: boolean
  readonly records: readonly SubscriberRecord[]
}

/** Reports a violation. */
export type Accuse = (verdict: Verdict, what: string) => void
