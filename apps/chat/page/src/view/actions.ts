// The actions of a message, for the toolbar and for the sheet.

import type { Item } from '../room/room-log.ts'
import type { Session } from '../session/session.ts'

export const EMOJI = ['👍', '❤️', '😂', '🎉', '😮', '👀'] as const

export interface MessageActions {
  reply(seq: number): void
  react(seq: number, emoji: string): void
  copy(text: string): void
  edit(seq: number): void
  remove(seq: number): void
}

/**
 * The message of the current room that an element belongs to; undefined for a deleted one, and for
 * everything else.
 */
export function messageAt(
  target: EventTarget | null,
  session: Session,
): { item: Item; line: HTMLElement } | undefined {
  const line = target instanceof Element ? target.closest<HTMLElement>('.message[data-seq]') : null
  const item = line === null ? undefined : session.room?.log.find(Number(line.dataset.seq))
  return line === null || item === undefined || item.fold?.deleted ? undefined : { item, line }
}

export function mayEdit({ entry }: Item, { user }: Session): boolean {
  return entry.user.id === user?.id
}

export function mayRemove(item: Item, session: Session): boolean {
  const { user, room } = session
  return mayEdit(item, session) || user?.admin === true || (user !== undefined && room?.owner === user.id)
}
