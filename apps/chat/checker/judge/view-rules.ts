// Rules for what a subscriber receives: an unbroken slice of the log, from its start to the end,
// unless it is told to start again; one entry for each position; and all of it soon.

import type { FaultRecord } from '../journal/record.ts'
import type { Accuse, RoomJournals, SubscriberJournal } from './room-journals.ts'
import type { Sendings } from './sendings.ts'

/**
 * Milliseconds from an acknowledgment until a subscriber must have the entry, and until a node must
 * recover from a fault.
 */
export const LATE = 5000
export const RECOVERY = 5000

export function judgeViews(
  { subscribers, readings, faults }: Pick<RoomJournals, 'subscribers' | 'readings' | 'faults'>,
  sendings: Sendings,
  accuse: Accuse,
): void {
  const positions = new Positions(accuse)
  const [log] = readings
  for (const { epoch, entries } of readings)
    for (const [seq, id] of entries) positions.take(epoch, seq, id, 'the log')
  for (const { id, place } of sendings.values())
    if (place !== undefined) positions.take(place.epoch, place.seq, id, 'an acknowledgement')
  const deadlines = new Deadlines(faults)
  for (const subscriber of subscribers) {
    const end = follow(subscriber, positions, accuse)
    if (end.epoch !== log!.epoch || end.seq < log!.top)
      accuse(
        'behind',
        `${subscriber.name} is at ${end.seq} of ${end.epoch}, the end is ${log!.top} of ${log!.epoch}`,
      )
    if (!subscriber.rough) judgeTime(subscriber, sendings, deadlines, accuse)
  }
}

/** The entry at each position, from any source. */
class Positions {
  readonly #accuse: Accuse
  readonly #known = new Map<string, string>()

  constructor(accuse: Accuse) {
    this.#accuse = accuse
  }

  take(epoch: string, seq: number, id: string, by: string): void {
    const key = `${seq} of ${epoch}`
    const known = this.#known.get(key)
    if (known === undefined) this.#known.set(key, id)
    else if (known !== id) this.#accuse('rewritten', `${key}: ${known}, and by ${by} ${id}`)
  }
}

/** Gives where the subscriber was at the end. */
function follow(
  { name, records }: SubscriberJournal,
  positions: Positions,
  accuse: Accuse,
): { readonly epoch: string; readonly seq: number } {
  let [epoch, seq] = ['', 0]
  for (const record of records) {
    if (record.t === 'told') [epoch, seq] = [record.epoch, record.seq]
    else if (record.t === 'joined') epoch = record.epoch
    else if (record.t === 'seen') {
      positions.take(epoch, record.seq, record.id, name)
      if (record.seq > seq + 1) accuse('missed', `${name}: ${record.seq} came behind ${seq} of ${epoch}`)
      if (record.seq <= seq) accuse('repeated', `${name}: ${record.seq} came behind ${seq} of ${epoch}`)
      seq = Math.max(seq, record.seq)
    }
  }
  return { epoch, seq }
}

/** The deadline of an entry: some time after its acknowledgment, or after the faults in between. */
class Deadlines {
  readonly #faults: readonly FaultRecord[]

  constructor(faults: readonly FaultRecord[]) {
    this.#faults = faults.toSorted((a, b) => a.from - b.from)
  }

  after(at: number): number {
    let start = at
    for (const { from, to } of this.#faults) {
      if (from > start + LATE) break
      if (to > start) start = to
    }
    return start + LATE
  }
}

function judgeTime(
  { name, records }: SubscriberJournal,
  sendings: Sendings,
  deadlines: Deadlines,
  accuse: Accuse,
): void {
  for (const record of records) {
    if (record.t !== 'seen') continue
    const acknowledged = sendings.get(record.id)?.place?.at
    // A resumed view is late for as long as it was away; it was away because of a fault.
    if (acknowledged === undefined || record.at <= acknowledged + LATE) continue
    const late = record.at - deadlines.after(acknowledged)
    if (late > 0)
      accuse('late', `${name}: ${record.id} (${record.seq}) ${Math.round(record.at - acknowledged)} ms after`)
  }
}
