// The stored text of an entry: without its place, because the epoch of a log may change.

import type { Draft, Entry } from '../../log/entry.ts'
import { makeEntry, type Place } from '../make-entry.ts'

type Stored = Pick<Entry, 'kind' | 'data' | 'cid' | 'user' | 'ts'>

/** The text of a draft, with its time. */
export function writeStoredEntry(draft: Draft, ts: number): string {
  const { kind, data, cid, user } = makeEntry(draft, { room: '', epoch: '', seq: 0, ts })
  return JSON.stringify({ kind, data, cid, user, ts } satisfies Stored)
}

/** The entry of which this is the text. */
export function readStoredEntry(text: string, place: Omit<Place, 'ts'>): Entry {
  const stored: Stored = JSON.parse(text)
  return makeEntry(stored as Draft, { ...place, ts: stored.ts })
}
