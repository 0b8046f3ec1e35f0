// An entry as text: what was said, without its place, for the epoch of a log may become another.

import type { Draft, Entry } from '../../log/entry.ts'
import { makeEntry, type Place } from '../make-entry.ts'

type Said = Pick<Entry, 'kind' | 'data' | 'cid' | 'user' | 'ts'>

/** The text of what is to be stored at this time. */
export function writeSaid(draft: Draft, ts: number): string {
  const { kind, data, cid, user } = makeEntry(draft, { room: '', epoch: '', seq: 0, ts })
  return JSON.stringify({ kind, data, cid, user, ts } satisfies Said)
}

/** The entry of which this is the text. */
export function readSaid(text: string, place: Omit<Place, 'ts'>): Entry {
  const said: Said = JSON.parse(text)
  return makeEntry(said as Draft, { ...place, ts: said.ts })
}
