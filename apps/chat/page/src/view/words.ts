// Times, events and states in words.

import type { WireEntry } from '../../../src/wire/messages.ts'
import type { ConnectionState } from '../client/connection.ts'
import { sentence } from '../text/sentence.ts'
import { isolated } from './element.ts'

const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const date = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export const timeOf = (ts: number): string => hour.format(ts)
/** Short enough to stand in a line; whole. */
export const shortMomentOf = (ts: number): string => moment.format(ts)
export const momentOf = (ts: number): string => full.format(ts)

export function dayOf(ts: number, now: number): string {
  const day = new Date(ts).toDateString()
  if (day === new Date(now).toDateString()) return 'Today'
  return day === new Date(now - 86_400_000).toDateString() ? 'Yesterday' : date.format(ts)
}

/** What somebody did, to stand behind his name. */
export function eventOf(entry: WireEntry): readonly (Node | string)[] {
  if (entry.kind === 'topic')
    return entry.data.topic === '' ? ['removed the topic'] : ['set the topic: ', isolated(entry.data.topic)]
  if (entry.kind === 'rename') return ['changed their name from ', isolated(entry.data.from)]
  if (entry.kind !== 'mod') return []
  const { op, user, secs, on, why } = entry.data
  const whom = isolated(user?.nick ?? 'somebody')
  const words = {
    create: ['made this room'],
    kick: ['put ', whom, ' out'],
    ban: ['banned ', whom, secs === undefined ? '' : ` for ${durationOf(secs)}`],
    unban: ['lets ', whom, ' in again'],
    mute: secs === 0 ? ['lets ', whom, ' write again'] : ['muted ', whom, ` for ${durationOf(secs ?? 600)}`],
    lock: [on === false ? 'unlocked this room' : 'locked this room: only its owner writes'],
    slow: [
      secs
        ? `made everybody wait ${durationOf(secs)} between two messages`
        : 'lets everybody write as they like',
    ],
  }[op]
  return why ? [...words, ': ', isolated(why)] : words
}

function durationOf(secs: number): string {
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

/** Empty where there is nothing to say of it. `waiting`: how many messages wait to be sent. */
export function statusOf(state: ConnectionState, waiting: number, now: number): string {
  const later = waiting === 0 ? '' : waiting === 1 ? ' One message waits.' : ` ${waiting} messages wait.`
  if (state.name === 'open') return ''
  if (state.name === 'connecting') return `Connecting …${later}`
  if (state.name === 'stopped') return state.why === '' ? '' : `Not connected. ${sentence(state.why)}${later}`
  const seconds = Math.max(1, Math.ceil((state.until - now) / 1000))
  return `Not connected. ${sentence(state.why)} Trying again in ${seconds} s.${later}`
}

export function typingOf(nicks: readonly string[]): readonly (Node | string)[] {
  if (nicks.length === 0) return []
  if (nicks.length > 3) return ['Several people are writing …']
  const names = nicks.flatMap((nick, i) => (i === 0 ? [isolated(nick)] : [', ', isolated(nick)]))
  return [...names, ` ${nicks.length === 1 ? 'is' : 'are'} writing …`]
}
