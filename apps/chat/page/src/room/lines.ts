// A room's log as it is shown, line by line: days, groups of one author, where the new begins, where something is missing. Knows no document.

import type { Author } from '../../../src/log/entry.ts'
import type { Pending } from '../client/outbox.ts'
import type { Item, RoomLog } from './room-log.ts'

export type Line =
  | { readonly kind: 'start' | 'gap' | 'new'; readonly key: string }
  | { readonly kind: 'day'; readonly key: string; readonly ts: number }
  /** `leads`: is the first of its author's group. */
  | {
      readonly kind: 'message' | 'event'
      readonly key: string
      readonly item: Item
      readonly leads: boolean
    }
  | { readonly kind: 'pending'; readonly key: string; readonly pending: Pending; readonly leads: boolean }

/** Messages of one author further apart than so many milliseconds are another group. */
const GROUP = 5 * 60_000

export interface LinesOptions {
  readonly log: RoomLog
  /** This room's part of the outbox. */
  readonly pending: readonly Pending[]
  readonly me: Author | undefined
  /** After this position is what is new; undefined for nothing. */
  readonly newAfter: number | undefined
}

export function linesOf({ log, pending, me, newAfter }: LinesOptions): Line[] {
  const lines: Line[] = []
  if (log.isAtStart && log.last > 0) lines.push({ kind: 'start', key: 'start' })
  let before: Item | undefined
  for (const item of log.items) {
    lines.push(...linesBetween(before, item, log, newAfter, me))
    const kind = item.entry.kind === 'msg' ? 'message' : 'event'
    const leads = lines.at(-1)?.kind !== 'message' || !isSameGroup(before, item)
    lines.push({ kind, key: `${log.epoch} ${item.entry.seq}`, item, leads })
    before = item
  }
  if (!log.isAtEnd) return lines
  pending.forEach((each, i) => {
    const follows = i > 0 || (lines.at(-1)?.kind === 'message' && before?.entry.user.id === each.user)
    lines.push({ kind: 'pending', key: each.fields.cid, pending: each, leads: !follows })
  })
  return lines
}

function linesBetween(
  before: Item | undefined,
  { entry }: Item,
  log: RoomLog,
  newAfter: number | undefined,
  me: Author | undefined,
): Line[] {
  const lines: Line[] = []
  const { gapAfter } = log
  const isFirst = before === undefined
  if (
    gapAfter !== undefined &&
    entry.ts > gapAfter &&
    (isFirst ? log.isAtStart : before.entry.ts <= gapAfter)
  )
    lines.push({ kind: 'gap', key: 'gap' })
  if (isFirst || dayOf(before.entry.ts) !== dayOf(entry.ts))
    lines.push({ kind: 'day', key: `day ${dayOf(entry.ts)} ${isFirst ? '' : entry.seq}`, ts: entry.ts })
  const wasRead = newAfter === undefined || (before?.entry.seq ?? newAfter) > newAfter
  if (!wasRead && entry.seq > newAfter && entry.user.id !== me?.id) lines.push({ kind: 'new', key: 'new' })
  return lines
}

function isSameGroup(before: Item | undefined, { entry }: Item): boolean {
  if (before?.entry.kind !== 'msg' || entry.kind !== 'msg' || entry.data.reply !== undefined) return false
  const { user, ts } = before.entry
  return user.id === entry.user.id && user.nick === entry.user.nick && entry.ts - ts < GROUP
}

function dayOf(ts: number): string {
  return new Date(ts).toDateString()
}
