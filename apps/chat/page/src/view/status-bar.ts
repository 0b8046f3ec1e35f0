// The lines around the log: connection, notices, typing, and waiting messages.

import type { Session } from '../session/session.ts'
import { find, isolated, setText } from './element.ts'
import { holdOf, statusOf, typingOf } from './words.ts'

export class StatusBar {
  readonly #session: Session
  readonly #status = find('status', HTMLElement)
  readonly #hold = find('hold', HTMLElement)

  constructor(session: Session) {
    this.#session = session
    find('dismiss', HTMLElement).addEventListener('click', () => session.notice.clear())
    setInterval(() => this.#drawTimes(), 1000)
  }

  draw(): void {
    const { room, notice } = this.#session
    setText(find('notice', HTMLElement), isolated(notice.text))
    find('notice-bar', HTMLElement).hidden = notice.text === ''
    const nicks = [...(room?.typing.values() ?? [])].map(({ user }) => user.nick)
    setText(find('typing', HTMLElement), ...typingOf(nicks))
    this.#drawTimes()
  }

  #drawTimes(): void {
    const { connection, outbox, question, room, user } = this.#session
    const queued = outbox.items.filter(({ state }) => state === 'queued')
    // A dialog shows it if there is a question to answer.
    const words = question === undefined ? statusOf(connection.state, queued.length, Date.now()) : ''
    setText(this.#status, isolated(words))
    find('reconnect', HTMLElement).hidden = words === '' || connection.state.name === 'connecting'
    const isWaiting = queued.some(each => each.fields.room === room?.name && each.user === user?.id)
    const hold = room && isWaiting ? outbox.holdOf(room.name) : undefined
    this.#hold.hidden = hold === undefined
    if (room && hold) this.#hold.textContent = holdOf(hold, room.slow > 0, Date.now())
  }
}
