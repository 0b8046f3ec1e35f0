// Rules for the log of a room, as the nodes return it at the end: it contains each acknowledged
// message once, at its position, nothing that was not sent, and no gap; and it is the same on all
// nodes.

import type { Reading } from '../journal/record.ts'
import type { Accuse, RoomJournals } from './room-journals.ts'
import type { Sending, Sendings } from './sendings.ts'

/** Returns the number of acknowledged messages that were lost with an epoch. */
export function judgeLog(
  { readings, mayLose }: Pick<RoomJournals, 'readings' | 'mayLose'>,
  sendings: Sendings,
  accuse: Accuse,
): number {
  const [log, ...others] = readings
  if (log === undefined) throw new Error('no node was asked for its log')
  for (const reading of readings) judgeGaps(reading, accuse)
  for (const other of others) compare(log, other, accuse)
  const places = placesOf(log)
  for (const [id, seqs] of places) {
    if (seqs.length > 1) accuse('duplicated', `${id} at ${seqs.join(', ')}`)
    if (!sendings.has(id) && !isOfTheRoom(id)) accuse('phantom', `${id} at ${seqs[0]}`)
  }
  let lostWithEpoch = 0
  for (const sending of sendings.values()) {
    if (sending.place === undefined) continue
    const seqs = places.get(sending.id)
    if (seqs !== undefined) judgePlace(sending, seqs, accuse)
    else if (mayLose && sending.place.epoch !== log.epoch) lostWithEpoch++
    else accuse('lost', `${sending.id}, acknowledged at ${sending.place.seq} of ${sending.place.epoch}`)
  }
  return lostWithEpoch
}

function judgeGaps({ node, top, entries }: Reading, accuse: Accuse): void {
  let last = 0
  for (const [seq] of entries) {
    if (seq !== last + 1) accuse('gap', `node ${node}: ${last} is followed by ${seq}`)
    last = seq
  }
  if (last !== top) accuse('gap', `node ${node}: the last entry is ${last}, and the end is said to be ${top}`)
}

function compare(one: Reading, other: Reading, accuse: Accuse): void {
  const describe = ({ node }: Reading, what: string | undefined) => `${what ?? 'nothing'} on node ${node}`
  if (one.epoch !== other.epoch)
    accuse('disagreement', `epoch ${describe(one, one.epoch)}, ${describe(other, other.epoch)}`)
  for (let i = 0; i < Math.max(one.entries.length, other.entries.length); i++) {
    const [first, second] = [one, other].map(({ entries }) => entries[i]?.join(' '))
    if (first === second) continue
    accuse('disagreement', `${describe(one, first)}, ${describe(other, second)}`)
    return
  }
}

function placesOf({ entries }: Reading): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [seq, id] of entries) {
    if (isOfTheRoom(id)) continue
    const seqs = places.get(id)
    if (seqs === undefined) places.set(id, [seq])
    else seqs.push(seq)
  }
  return places
}

/** The entry for the creation of the room, which is the chat's own. */
function isOfTheRoom(id: string): boolean {
  return id === '<mod>'
}

function judgePlace({ id, place }: Sending, seqs: readonly number[], accuse: Accuse): void {
  const { seq, epoch } = place!
  if (!seqs.includes(seq))
    accuse('misplaced', `${id} at ${seqs.join(', ')}, acknowledged at ${seq} of ${epoch}`)
}
