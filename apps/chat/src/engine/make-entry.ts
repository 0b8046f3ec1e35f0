import type { Draft, Entry, Position } from '../log/entry.ts'

/** The position and time of a stored entry. */
export interface Place extends Position {
  readonly room: string
  readonly ts: number
}

/**
 * Makes an entry of a draft and its place. Copies the fields of a log entry only, whatever else the
 * draft or its user may carry.
 */
export function makeEntry(draft: Draft, { room, epoch, seq, ts }: Place): Entry {
  const { kind, data, cid } = draft
  const user = { id: draft.user.id, nick: draft.user.nick }
  return { kind, data, cid, user, room, epoch, seq, ts } as Entry
}
