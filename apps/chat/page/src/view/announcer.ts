// Announces new messages to screen readers, in a region of its own: the log as a whole would be
// read again at each change.

import type { WireEntry } from '../../../src/wire/messages.ts'
import type { Room } from '../room/room.ts'
import type { Session } from '../session/session.ts'
import { makeVisible } from '../text/visible.ts'
import { element, find } from './element.ts'

/** Lines that stay in the region, and characters of a message that are said. */
const LINES = 10
const CHARACTERS = 200

export class Announcer {
  readonly #region = find('announcer', HTMLElement)

  /** Messages in other rooms are announced only if they mention the user. */
  say(session: Session, room: Room, entry: WireEntry): void {
    if (entry.kind !== 'msg') return
    const isHere = room === session.room
    if (!isHere && !session.marks.isMentioned(room, entry.data.body)) return
    const where = isHere ? '' : ` in ${room.name}`
    const body = makeVisible(entry.data.body.slice(0, CHARACTERS))
    const words = element('p', {}, `${makeVisible(entry.user.nick)}${where}: ${body}`)
    words.dataset.message = `${room.name} ${entry.seq}`
    this.#region.append(words)
    while (this.#region.childElementCount > LINES) this.#region.firstElementChild?.remove()
  }

  /** The message was edited or deleted. */
  forget(room: Room, seq: number): void {
    this.#region.querySelector(`[data-message="${room.name} ${seq}"]`)?.remove()
  }
}
