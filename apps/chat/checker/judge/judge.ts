// Judges one room: finds the violations in its journals. A pure function; each rule has its own
// file.

import type { PublisherRecord, SubscriberRecord } from '../journal/record.ts'
import { judgeChanges } from './change-rules.ts'
import { judgeLog } from './log-rules.ts'
import { judgeOrder } from './order-rules.ts'
import type { Accuse, RoomJournals } from './room-journals.ts'
import { collectSendings, type Sendings } from './sendings.ts'
import type { Violation } from './verdict.ts'
import { judgeViews } from './view-rules.ts'

/** Totals of the judged journals. */
export interface Counts {
  /** Messages, edits and reactions, and the tries that they took. */
  readonly messages: number
  readonly tries: number
  readonly acknowledged: number
  /** Acknowledged as stored by an earlier try. */
  readonly duplicates: number
  /** Requests that were refused and are to be retried. */
  readonly refused: number
  /** Connections that ended. */
  readonly cuts: number
  /** Entries in the log. */
  readonly entries: number
  /** Entries that subscribers received, and the number of fresh starts. */
  readonly seen: number
  readonly told: number
  /**
   * Acknowledged in an epoch that has ended, and lost with it: only if the store may lose writes.
   */
  readonly lostWithEpoch: number
}

export interface Judgement {
  readonly counts: Counts
  readonly violations: readonly Violation[]
}

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

/** The promises to a publisher besides the place in the log. */
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
