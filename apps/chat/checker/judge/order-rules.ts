// Rules for the order of a log: it respects causality, and the order of each publisher.

import type { Accuse, RoomJournals } from './room-journals.ts'
import type { Sending, Sendings } from './sendings.ts'

export function judgeOrder(
  { readings }: Pick<RoomJournals, 'readings'>,
  sendings: Sendings,
  accuse: Accuse,
): void {
  const known = new Set<string>()
  const placed = readings[0]!.entries.flatMap(([seq, id]): Placed[] => {
    const sending = sendings.get(id)
    // Duplicates are reported by another rule.
    if (sending === undefined || known.has(id)) return []
    known.add(id)
    return [{ seq, sending }]
  })
  judgeRealTime(placed, accuse)
  judgePublishers(placed, accuse)
}

interface Placed {
  readonly seq: number
  readonly sending: Sending
}

/** From the end on: has anything that lies behind been acknowledged before this was sent? */
function judgeRealTime(placed: readonly Placed[], accuse: Accuse): void {
  let earliest: Placed | undefined
  for (const each of placed.toReversed()) {
    const acknowledged = earliest?.sending.place?.at ?? Number.POSITIVE_INFINITY
    if (acknowledged < each.sending.at)
      accuse('real-time order', `${describe(earliest!)} was acknowledged before ${describe(each)} was sent`)
    const at = each.sending.place?.at ?? Number.POSITIVE_INFINITY
    if (at < acknowledged) earliest = each
  }
}

/**
 * Messages that a publisher had to send only once are stored in the order of sending, although
 * several were in progress at a time.
 */
function judgePublishers(placed: readonly Placed[], accuse: Accuse): void {
  const lasts = new Map<string, Placed>()
  for (const each of placed) {
    const { publisher, tries, place, at } = each.sending
    if (tries !== 1 || place === undefined) continue
    const last = lasts.get(publisher)
    if (last !== undefined && last.sending.at > at)
      accuse('publisher order', `${describe(each)} was sent before ${describe(last)}`)
    else lasts.set(publisher, each)
  }
}

function describe({ seq, sending }: Placed): string {
  return `${sending.id} (${seq})`
}
