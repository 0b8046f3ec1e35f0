// A room's log as lines: days, groups of one author, the "new" line, gaps. Independent of the
// document.

import type { Author } from '../../../src/log/entry.ts'
import type { Pending } from '../client/outbox.ts'
import type { Item, RoomLog } from './room-log.ts'

export type Line =
  | { readonly kind: 'start' | 'gap' | 'new'; readonly key: string }
  /** `age`: 0 for today, 1 for yesterday, 2 for every day before. */
  | { readonly kind: 'day'; readonly key: string; readonly ts: number; readonly age: number }
  /**
   * `leads`: is the first of its author's group. `quoted`: the message that it replies to, where
   * that is loaded.
   */
  | {
      readonly kind: 'message' | 'event'
      readonly key: string
      readonly item: Item
      readonly leads: boolean
      readonly quoted: Item | undefined
    }
  | { readonly kind: 'pending'; readonly key: string; readonly pending: Pending; readonly leads: boolean }

/** A group of one author's messages lasts this long, in milliseconds, and has this many at most. */
const GROUP_TIME = 5 * 60_000
const GROUP_SIZE = 10

export interface LinesOptions {
  readonly log: RoomLog
  /** This room's part of the outbox. */
  readonly pending: readonly Pending[]
  readonly me: Author | undefined
  /** Later messages are new; undefined if there are none. */
  readonly newAfter: number | undefined
  /** In milliseconds since 1970. */
  readonly now: number
}

export function linesOf(options: LinesOptions): Line[] {
  const { log, pending } = options
  const lines: Line[] = []
  if (log.isAtStart && log.last > 0) lines.push({ kind: 'start', key: 'start' })
  const items = new Map(log.items.map(item => [item.entry.seq, item]))
  let before: Item | undefined
  let group: Item[] = []
  for (const item of log.items) {
    const { entry } = item
    lines.push(...linesBetween(before, item, options))
    const kind = entry.kind === 'msg' ? 'message' : 'event'
    const leads = lines.at(-1)?.kind !== 'message' || !isInGroup(group, item)
    group = leads ? [item] : [...group, item]
    const reply = entry.kind === 'msg' ? entry.data.reply : undefined
    const quoted = reply === undefined ? undefined : items.get(reply)
    lines.push({ kind, key: `${log.epoch} ${entry.seq}`, item, leads, quoted })
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
  { log, newAfter, me, now }: LinesOptions,
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
  const { ts } = entry
  if (isFirst || dayOf(before.entry.ts) !== dayOf(ts))
    lines.push({ kind: 'day', key: `day ${dayOf(ts)} ${isFirst ? '' : entry.seq}`, ts, age: ageOf(ts, now) })
  const wasRead = newAfter === undefined || (before?.entry.seq ?? newAfter) > newAfter
  if (!wasRead && entry.seq > newAfter && entry.user.id !== me?.id) lines.push({ kind: 'new', key: 'new' })
  return lines
}

function isInGroup(group: readonly Item[], { entry }: Item): boolean {
  const first = group[0]?.entry
  if (first?.kind !== 'msg' || entry.kind !== 'msg' || entry.data.reply !== undefined) return false
  const { user, ts } = first
  const isSame = user.id === entry.user.id && user.nick === entry.user.nick
  return isSame && entry.ts - ts < GROUP_TIME && group.length < GROUP_SIZE
}

function dayOf(ts: number): string {
  return new Date(ts).toDateString()
}

function ageOf(ts: number, now: number): number {
  const day = new Date(now)
  if (dayOf(ts) === day.toDateString()) return 0
  day.setDate(day.getDate() - 1)
  return dayOf(ts) === day.toDateString() ? 1 : 2
}
