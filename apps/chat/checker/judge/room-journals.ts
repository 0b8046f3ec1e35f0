// The journals of one room, which every rule reads.

import type { FaultRecord, PublisherRecord, Reading, SubscriberRecord } from '../journal/record.ts'
import type { Verdict } from './verdict.ts'

/** All that is known of a room. */
export interface RoomJournals {
  readonly room: string
  readonly publishers: readonly { readonly name: string; readonly records: readonly PublisherRecord[] }[]
  readonly subscribers: readonly SubscriberJournal[]
  /** What each node gave when all was over; at least one. */
  readonly readings: readonly Reading[]
  readonly faults: readonly FaultRecord[]
  /** The store was made to lose what it had acknowledged: that is no violation if the epoch tells of it. */
  readonly mayLose: boolean
}

export interface SubscriberJournal {
  readonly name: string
  readonly rough: boolean
  readonly records: readonly SubscriberRecord[]
}

/** Reports a violation. */
export type Accuse = (verdict: Verdict, what: string) => void
