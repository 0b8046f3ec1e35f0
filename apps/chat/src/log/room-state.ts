// What is in force in a room: its topic, its owner, its moderation. Stored as keys and values beside the log, changed together with
// the entry that says so; this file alone knows the keys.

import type { Draft, Json } from './entry.ts'

/** Keys to set, and with `null` to remove. */
export type StatePatch = Readonly<Record<string, Json>>

export interface RoomState {
  readonly topic: string
  /** Id of who made the room. */
  readonly owner?: string
  readonly locked: boolean
  /** Seconds between two messages of one user; 0 for none. */
  readonly slow: number
  /** By user id: until when, in milliseconds since 1970; `undefined` in `bans` is for ever. */
  readonly bans: ReadonlyMap<string, number | undefined>
  readonly mutes: ReadonlyMap<string, number>
}

/** What an entry changes; undefined for one that changes nothing. `ts`: when it is stored. */
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
