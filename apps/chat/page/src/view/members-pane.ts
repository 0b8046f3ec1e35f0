// The members of the room that is shown.

import type { Session } from '../session/session.ts'
import { element, find, setText } from './element.ts'
import { avatarOf, nameOf } from './person.ts'
import { byName } from './words.ts'

export class MembersPane {
  readonly #session: Session
  readonly #list = find('member-list', HTMLElement)
  /** The last drawn state; at first different from `undefined`, which is drawn too. */
  #drawn: unknown = null

  constructor(session: Session) {
    this.#session = session
  }

  draw(): void {
    const { room, user } = this.#session
    const isInside = room !== undefined && room.outside === ''
    setText(find('count', HTMLElement), isInside ? String(room.count) : '')
    setText(find('members-title', HTMLElement), isInside ? `In this room · ${room.count}` : 'Members')
    const shown = isInside ? room.members : new Map()
    if (this.#drawn === shown || (!isInside && this.#list.childElementCount === 0)) return
    this.#drawn = shown
    if (shown === undefined) {
      this.#list.replaceChildren(element('li', { className: 'quiet-words' }, 'Too many people to list.'))
      return
    }
    const members = [...shown.values()].sort((one, other) => byName(one.nick, other.nick))
    this.#list.replaceChildren(
      ...members.map(member => {
        const word = member.id === user?.id ? 'you' : member.id === room?.owner ? 'owner' : ''
        return element(
          'li',
          {},
          avatarOf(member),
          nameOf(member),
          element('span', { className: 'role' }, word),
        )
      }),
    )
  }
}
