// An entry of the log as it travels.

import type { Entry, EntryContent } from '../log/entry.ts'
import type { WireEntry } from './messages.ts'

/** What `reader` (the id of a user) gets of an entry: the `cid` only where it is his own. */
export function wireEntry(entry: Entry, reader?: string): WireEntry {
  const { seq, user, ts, fold, cid } = entry
  // Kind and data of one entry belong together, which is lost when they are taken apart.
  const content = { kind: entry.kind, data: entry.data } as EntryContent
  return { seq, user, ts, ...content, ...(fold && { fold }), ...(user.id === reader && { cid }) }
}
