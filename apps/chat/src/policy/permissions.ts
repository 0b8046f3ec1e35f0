// Permissions in a room. Those that depend on its state are guards: a node checks them before it
// asks the store, and the store checks them again with the write.

import type { Forbidden } from '../engine/engine.ts'
import type { Author, EntryKind } from '../log/entry.ts'
import { banOf, type Guard, lockOf, muteOf, type RoomState } from '../log/room-state.ts'
import { CloseCode, LOBBY } from '../wire/constants.ts'
import type { User } from '../wire/messages.ts'
import { inWords, RequestError } from './request-error.ts'

/** Whether a user may moderate a room. */
export function isModerator(state: RoomState, user: User): boolean {
  return user.admin === true || user.id === state.owner
}

/**
 * For joining, reading and moderating a room. A ban from the lobby is a ban from the chat, also for
 * admins.
 */
export function entranceGuard(room: string, user: Pick<User, 'id' | 'admin'>): Guard {
  const chat = banOf(user.id, LOBBY)
  return room === LOBBY || user.admin ? [chat] : [chat, banOf(user.id, room)]
}

/**
 * To add an entry of this kind. Users may delete their own messages even when they are muted or the
 * room is locked.
 */
export function writingGuard(
  { name, state }: { readonly name: string; readonly state: RoomState },
  user: User,
  kind: EntryKind,
): Guard {
  const guard = entranceGuard(name, user)
  return kind === 'del' || isModerator(state, user) ? guard : [...guard, muteOf(user.id, name), lockOf(name)]
}

/**
 * The reply to a request that a guard forbids, at a time. A ban from the chat closes the
 * connection.
 */
export function refusalFor({ restriction: { kind, room }, until }: Forbidden, now: number): RequestError {
  const end = until === undefined ? '' : ` for another ${inWords(until - now)}`
  if (kind === 'mute') return new RequestError('forbidden', `You're muted here${end}.`)
  if (kind === 'lock')
    return new RequestError('forbidden', "This room is locked. Only the room's owner or an admin can post.")
  if (room !== LOBBY) return new RequestError('forbidden', `You're banned from ${room}${end}.`)
  return new RequestError('forbidden', `You're banned from this chat${end}.`, { close: CloseCode.banned })
}

/** Throws a {@link RequestError} where a user may not moderate, or may not moderate that one. */
export function checkModeration(state: RoomState, user: User, target: Author | undefined): void {
  if (!isModerator(state, user))
    throw new RequestError('forbidden', "Only the room's owner or an admin can do that.")
  if (target?.id === user.id) throw new RequestError('forbidden', "You can't do that to yourself.")
  if (target !== undefined && target.id === state.owner && !user.admin)
    throw new RequestError('forbidden', "You can't do that to the room's owner.")
}
