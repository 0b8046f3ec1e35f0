// The actions of publishers, by message.

import type { PublisherRecord } from '../journal/record.ts'

/** The acknowledged position of a message, and the time. */
interface Place {
  readonly at: number
  readonly epoch: string
  readonly seq: number
  /** Stored by an earlier try. */
  readonly dup: boolean
}

/** One message. */
export interface Sending {
  readonly id: string
  readonly publisher: string
  /** The time of the first request. */
  readonly at: number
  /** The number of requests. */
  tries: number
  /** Absent where it was never acknowledged. */
  place?: Place
}

/** By their ids, those of each publisher in the order in which they were first sent. */
export type Sendings = ReadonlyMap<string, Sending>

export function collectSendings(
  publishers: readonly { readonly name: string; readonly records: readonly PublisherRecord[] }[],
): Sendings {
  const sendings = new Map<string, Sending>()
  for (const { name, records } of publishers) for (const record of records) collect(sendings, name, record)
  return sendings
}

function collect(sendings: Map<string, Sending>, publisher: string, record: PublisherRecord): void {
  if (record.t === 'sent') {
    const { id, at } = record
    const known = sendings.get(id)
    if (known === undefined) sendings.set(id, { id, publisher, at, tries: 1 })
    else known.tries++
  } else if (record.t === 'acknowledged') {
    const { id, at, epoch, seq, dup = false } = record
    const known = sendings.get(id)
    if (known === undefined)
      throw new Error(`${id} was acknowledged but never sent: the journal is incomplete`)
    known.place ??= { at, epoch, seq, dup }
  }
}
