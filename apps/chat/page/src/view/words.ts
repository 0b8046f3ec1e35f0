// Times, events and states in words.

import type { WireEntry } from '../../../src/wire/messages.ts'
import type { ConnectionState } from '../client/connection.ts'
import type { Hold } from '../client/outbox.ts'
import { sentence } from '../text/sentence.ts'
import { isolated } from './element.ts'

const hour = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const date = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** Compares names as people sort them: room-2 before room-10. */
export const byName: (one: string, other: string) => number = new Intl.Collator(undefined, { numeric: true })
  .compare

export const timeOf = (ts: number): string => hour.format(ts)
/** Short enough to stand in a line; whole. */
export const shortMomentOf = (ts: number): string => moment.format(ts)
export const momentOf = (ts: number): string => full.format(ts)

/** `age`: 0 for today, 1 for yesterday. */
export function dayOf(ts: number, age: number): string {
  return ['Today', 'Yesterday'][age] ?? date.format(ts)
}

/** The text of an event, which follows the name of its author. */
export function eventOf(entry: WireEntry): readonly (Node | string)[] {
  if (entry.kind === 'topic')
    return entry.data.topic === '' ? ['removed the topic'] : ['set the topic: ', isolated(entry.data.topic)]
  if (entry.kind === 'rename') return ['changed their name from ', isolated(entry.data.from)]
  if (entry.kind !== 'mod') return []
  const { op, user, secs, on, why, address } = entry.data
  const whom = isolated(user?.nick ?? 'somebody')
  const words = {
    create: ['created this room'],
    kick: ['removed ', whom],
    ban: [
      'banned ',
      whom,
      address ? ' and their address' : '',
      secs === undefined ? '' : ` for ${durationOf(secs)}`,
    ],
    unban: ['unbanned ', whom],
    mute: secs === 0 ? ['unmuted ', whom] : ['muted ', whom, ` for ${durationOf(secs ?? 600)}`],
    lock: [on === false ? 'unlocked this room' : 'locked this room: only the owner can post'],
    slow: [secs ? `turned on slow mode (${durationOf(secs)})` : 'turned off slow mode'],
  }[op]
  return why ? [...words, ': ', isolated(why)] : words
}

export function durationOf(secs: number): string {
  const [size, unit] = (
    [
      [86_400, 'day'],
      [3600, 'hour'],
      [60, 'minute'],
    ] as const
  ).find(([each]) => secs >= each && secs % each === 0) ?? [1, 'second']
  const count = secs / size
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** The status line; empty if the connection is open. `waiting`: the number of unsent messages. */
export function statusOf(state: ConnectionState, waiting: number, now: number): string {
  const messages = waiting === 1 ? '1 message' : `${waiting} messages`
  const later = waiting === 0 ? '' : ` ${messages} waiting to be sent.`
  if (state.name === 'open') return ''
  if (state.name === 'connecting') return `Connecting…${later}`
  if (state.name === 'stopped') return state.why === '' ? '' : `${sentence(state.why)}${later}`
  return `${sentence(state.why)} Trying again in ${secondsUntil(state.until, now)} s.${later}`
}

function secondsUntil(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000))
}

export function holdOf({ until, why }: Hold, isSlow: boolean, now: number): string {
  const seconds = secondsUntil(until, now)
  const time = seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
  const when = `our next message is sent in ${time}.`
  return isSlow ? `Slow mode: y${when}` : `${sentence(why)} Y${when}`
}

export function typingOf(nicks: readonly string[]): readonly (Node | string)[] {
  if (nicks.length === 0) return []
  if (nicks.length > 3) return ['Several people are typing…']
  const names = nicks.flatMap((nick, i) => (i === 0 ? [isolated(nick)] : [', ', isolated(nick)]))
  return [...names, ` ${nicks.length === 1 ? 'is' : 'are'} typing…`]
}
