// The state of a room: topic, owner, restrictions. Stored as keys and values beside the log, and
// changed together with the entry that causes it. Only this file knows the keys.

import type { Author, Draft, EntryContent, Json } from './entry.ts'

/** Keys to set, and with `null` to remove. */
export type StatePatch = Readonly<Record<string, Json>>

export interface RoomState {
  readonly topic: string
  /** The id of the user who created the room. */
  readonly owner?: string
  readonly locked: boolean
  /** Seconds between two messages of one user; 0 for none. */
  readonly slow: number
  /** By user id: until when, in milliseconds since 1970; `undefined` in `bans` is for ever. */
  readonly bans: ReadonlyMap<string, number | undefined>
  readonly mutes: ReadonlyMap<string, number>
}

/** A key of a room's state that forbids something while its value is in force. */
export interface Restriction {
  readonly kind: 'ban' | 'mute' | 'lock'
  readonly room: string
  readonly key: string
}

/** The restrictions that must not be in force for a request. */
export type Guard = readonly Restriction[]

export function banOf(user: string, room: string): Restriction {
  return { kind: 'ban', room, key: `ban:${user}` }
}

export function muteOf(user: string, room: string): Restriction {
  return { kind: 'mute', room, key: `mute:${user}` }
}

export function lockOf(room: string): Restriction {
  return { kind: 'lock', room, key: 'locked' }
}

/** Whether a stored value forbids something now: `true` always does, a number until that time. */
export function isInForce(value: Json | undefined, now: number): value is true | number {
  return value === true || (typeof value === 'number' && value > now)
}

/** The change of state by an entry; undefined for none. `ts`: when the entry is stored. */
export function patchOf({ kind, data, user }: Draft, ts: number): StatePatch | undefined {
  if (kind === 'topic') return { topic: data.topic }
  if (kind !== 'mod') return undefined
  switch (data.op) {
    case 'create':
      return { owner: user.id }
    case 'lock':
      return { locked: data.on === false ? null : true }
    case 'slow':
      return { slow: data.secs === 0 ? null : (data.secs ?? null) }
    case 'ban':
      return { [`ban:${data.user!.id}`]: data.secs === undefined ? true : ts + data.secs * 1000 }
    case 'unban':
      return { [`ban:${data.user!.id}`]: null }
    case 'mute':
      return { [`mute:${data.user!.id}`]: data.secs === 0 ? null : ts + (data.secs ?? 600) * 1000 }
    case 'kick':
      return undefined
  }
}

/** The user whom an entry puts out of the room. */
export function expelledBy({ kind, data }: EntryContent): Author | undefined {
  return kind === 'mod' && (data.op === 'kick' || data.op === 'ban') ? data.user : undefined
}

/** Reads the keys and values that a store has. */
export function readRoomState(stored: ReadonlyMap<string, Json>): RoomState {
  const owner = stored.get('owner')
  const bans = new Map<string, number | undefined>()
  const mutes = new Map<string, number>()
  for (const [key, value] of stored) {
    if (key.startsWith('ban:')) bans.set(key.slice(4), typeof value === 'number' ? value : undefined)
    else if (key.startsWith('mute:')) mutes.set(key.slice(5), Number(value))
  }
  return {
    topic: String(stored.get('topic') ?? ''),
    ...(typeof owner === 'string' && { owner }),
    locked: stored.get('locked') === true,
    slow: Number(stored.get('slow') ?? 0),
    bans,
    mutes,
  }
}
