// Who may do what in a room, by what is in force there.

import type { Author, EntryKind } from '../log/entry.ts'
import type { RoomState } from '../log/room-state.ts'
import type { User } from '../wire/messages.ts'
import { RequestError } from './request-error.ts'

/** Whether a user may moderate a room. */
export function isModerator(state: RoomState, user: User): boolean {
  return user.admin === true || user.id === state.owner
}

/** Whether somebody is banned from a room now. */
export function isBanned(state: RoomState, user: Author, now: number): boolean {
  return state.bans.has(user.id) && (state.bans.get(user.id) ?? Number.POSITIVE_INFINITY) > now
}

/** Throws a {@link RequestError} where a user may not be in a room. */
export function checkEntrance(room: string, state: RoomState, user: User, now: number): void {
  if (user.admin || !isBanned(state, user, now)) return
  throw new RequestError('forbidden', `you are banned from ${room}${until(state.bans.get(user.id))}`)
}

/** Throws a {@link RequestError} where a user may not add such an entry. What one has said may be deleted at any time. */
export function checkWriting(state: RoomState, user: User, kind: EntryKind, now: number): void {
  if (kind === 'del' || isModerator(state, user)) return
  const muted = state.mutes.get(user.id) ?? 0
  if (muted > now) throw new RequestError('forbidden', `you are muted here${until(muted)}`)
  if (state.locked)
    throw new RequestError('forbidden', 'the room is locked: only its owner and admins may write')
}

/** Throws a {@link RequestError} where a user may not moderate, or may not moderate that one. */
export function checkModeration(state: RoomState, user: User, target: Author | undefined): void {
  if (!isModerator(state, user))
    throw new RequestError('forbidden', 'only the owner of the room and admins may do that')
  if (target !== undefined && target.id === state.owner && !user.admin)
    throw new RequestError('forbidden', 'nobody may do that to the owner of the room')
}

function until(time: number | undefined): string {
  return time === undefined ? '' : ` until ${new Date(time).toISOString()}`
}
