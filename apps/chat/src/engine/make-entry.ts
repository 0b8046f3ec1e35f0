import type { Draft, Entry, Position } from '../log/entry.ts'

/** Where and when an entry is stored. */
export interface Place extends Position {
  readonly room: string
  readonly ts: number
}

/** A draft that has its place. Takes over what belongs into a log and nothing else that the draft or its user may carry. */
export function makeEntry(draft: Draft, { room, epoch, seq, ts }: Place): Entry {
  const { kind, data, cid } = draft
  const user = { id: draft.user.id, nick: draft.user.nick }
  return { kind, data, cid, user, room, epoch, seq, ts } as Entry
}
