// Who is in the room that is shown.

import type { Session } from '../session.ts'
import { element, find, setText } from './element.ts'
import { avatarOf, nameOf } from './person.ts'

export class MembersPane {
  readonly #session: Session
  readonly #list = find('member-list', HTMLElement)
  /** Nothing yet; undefined is drawn, too. */
  #drawn: unknown = null

  constructor(session: Session) {
    this.#session = session
  }

  draw(): void {
    const { room, user } = this.#session
    if (room === undefined) return
    setText(find('count', HTMLElement), String(room.count))
    setText(find('members-title', HTMLElement), `Here · ${room.count}`)
    if (this.#drawn === room.members) return
    this.#drawn = room.members
    if (room.members === undefined) {
      this.#list.replaceChildren(element('li', { className: 'quiet-words' }, 'Too many to list them.'))
      return
    }
    const members = [...room.members.values()].sort((one, other) => one.nick.localeCompare(other.nick))
    this.#list.replaceChildren(
      ...members.map(member => {
        const word = member.id === user?.id ? 'you' : member.id === room.owner ? 'owner' : ''
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
