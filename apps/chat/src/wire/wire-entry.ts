// Converts an entry of the log to the form in which it is sent.

import type { Entry, EntryContent } from '../log/entry.ts'
import type { WireEntry } from './messages.ts'

/** The entry for a reader, given by id. Only the author gets the `cid`. */
export function wireEntry(entry: Entry, reader?: string): WireEntry {
  const { seq, user, ts, fold, cid } = entry
  // Kind and data of one entry belong together, which is lost when they are taken apart.
  const content = { kind: entry.kind, data: entry.data } as EntryContent
  return { seq, user, ts, ...content, ...(fold && { fold }), ...(user.id === reader && { cid }) }
}
