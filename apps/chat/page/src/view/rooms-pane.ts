// The list of rooms, with unread counts.

import type { Room } from '../room/room.ts'
import type { Session } from '../session/session.ts'
import { button, element, find, setText } from './element.ts'
import { avatarOf, nameOf } from './person.ts'
import { byName } from './words.ts'

export class RoomsPane {
  readonly #session: Session
  readonly #list = find('room-list', HTMLElement)
  readonly #me = find('me', HTMLButtonElement)
  readonly #elsewhere = find('elsewhere', HTMLElement)
  readonly #show: (name: string) => void
  #drawn = ''

  constructor(session: Session, show: (name: string) => void) {
    this.#session = session
    this.#show = show
  }

  draw(): void {
    const { rooms, current, user } = this.#session
    const all = [...rooms.values()].sort((one, other) => byName(one.name, other.name))
    const others = all.filter(({ name }) => name !== current)
    const unread = others.reduce((sum, room) => sum + room.unread.count, 0)
    this.#elsewhere.hidden = unread === 0
    setText(this.#elsewhere, String(unread))
    document.title = `${unread + (this.#session.room?.unread.count ?? 0) > 0 ? '• ' : ''}#${current} · Chat`
    const drawn = JSON.stringify([
      current,
      user,
      all.map(room => [room.name, room.isLeft, unreadOf(room), room.unread.mentions]),
    ])
    if (drawn === this.#drawn) return
    this.#drawn = drawn
    const focused = (document.activeElement as HTMLElement | null)?.dataset.room
    this.#list.replaceChildren(...all.map(room => this.#drawRoom(room, room.name === current)))
    if (focused) this.#list.querySelector<HTMLElement>(`[data-room="${CSS.escape(focused)}"]`)?.focus()
    this.#me.replaceChildren(
      ...(user
        ? [avatarOf(user), nameOf(user), element('span', {}, user.guest ? 'Guest' : '')]
        : ['Sign in']),
    )
  }

  #drawRoom(room: Room, isCurrent: boolean): HTMLElement {
    const made = button('', room.isLeft ? 'room left' : 'room', () => this.#show(room.name))
    made.dataset.room = room.name
    if (isCurrent) made.setAttribute('aria-current', 'page')
    made.append(element('span', { className: 'name' }, `#${room.name}`))
    const { count, mentions } = room.unread
    if (count > 0 && !isCurrent) {
      const words = mentions > 0 ? ' unread, with a mention of you' : ' unread'
      const badge = element('span', { className: mentions > 0 ? 'badge mentioned' : 'badge' }, unreadOf(room))
      badge.append(element('span', { className: 'hidden' }, words))
      made.append(' ', badge)
    }
    return element('li', {}, made)
  }
}

function unreadOf({ unread: { count, isMore } }: Room): string {
  return count > 99 || isMore ? '99+' : String(count)
}
