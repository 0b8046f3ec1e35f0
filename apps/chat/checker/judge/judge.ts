// The judgement of one room: what its journals show that must not be. A pure function over journals; what each rule is, its own file says.

import type { FaultRecord, PublisherRecord, Reading, SubscriberRecord } from '../journal/record.ts'
import { judgeChanges } from './change-rules.ts'
import { judgeLog } from './log-rules.ts'
import { judgeOrder } from './order-rules.ts'
import { collectSendings, type Sendings } from './sendings.ts'
import type { Verdict, Violation } from './verdict.ts'
import { judgeViews } from './view-rules.ts'

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

/** What was judged, in numbers. */
export interface Counts {
  /** Messages, edits and reactions, and the tries that they took. */
  readonly messages: number
  readonly tries: number
  readonly acknowledged: number
  /** Acknowledged as stored by an earlier try. */
  readonly duplicates: number
  /** Tries that were refused, to be made again. */
  readonly refused: number
  /** Connections that ended. */
  readonly cuts: number
  /** Entries in the log. */
  readonly entries: number
  /** Entries that subscribers were given, and how often they were told to begin anew. */
  readonly seen: number
  readonly told: number
  /** Acknowledged in an epoch that has ended, and gone with it: only where the store may lose. */
  readonly lostWithEpoch: number
}

export interface Judgement {
  readonly counts: Counts
  readonly violations: readonly Violation[]
}

/** Tells of a violation. */
export type Accuse = (verdict: Verdict, what: string) => void

/** Judges one room. */
export function judgeRoom(journals: RoomJournals): Judgement {
  const violations: Violation[] = []
  const accuse: Accuse = (verdict, what) => violations.push({ verdict, room: journals.room, what })
  const sendings = collectSendings(journals.publishers)
  const lostWithEpoch = judgeLog(journals, sendings, accuse)
  judgeOrder(journals, sendings, accuse)
  judgeChanges(journals, accuse)
  judgeViews(journals, sendings, accuse)
  judgeService(journals, accuse)
  return { counts: countAll(journals, sendings, lostWithEpoch), violations }
}

/** What a publisher may expect beside its place in the log. */
function judgeService({ publishers, subscribers, mayLose }: RoomJournals, accuse: Accuse): void {
  for (const { name, records } of publishers) {
    for (const record of records)
      if (record.t === 'refused' && !record.temporary) accuse('refused', `${record.id}: ${record.code}`)
    if (!mayLose && records.some(({ t }) => t === 'forgotten')) accuse('forgotten', name)
  }
  for (const { name, records } of subscribers)
    if (!mayLose && records.some(({ t }) => t === 'forgotten')) accuse('forgotten', name)
}

function countAll(
  { publishers, subscribers, readings }: RoomJournals,
  sendings: Sendings,
  lostWithEpoch: number,
): Counts {
  const published = publishers.flatMap(({ records }) => records)
  const followed = subscribers.flatMap(({ records }) => records)
  const all = [...sendings.values()]
  const count = (t: SubscriberRecord['t'] | PublisherRecord['t']) =>
    [...published, ...followed].filter(record => record.t === t).length
  return {
    messages: sendings.size,
    tries: count('sent'),
    acknowledged: all.filter(({ place }) => place !== undefined).length,
    duplicates: all.filter(({ place }) => place?.dup).length,
    refused: count('refused'),
    cuts: count('cut'),
    entries: readings[0]?.entries.length ?? 0,
    seen: count('seen'),
    told: count('told'),
    lostWithEpoch,
  }
}
