// The dialog for browsing and creating rooms: a list, filtered by the typed name.

import type { RoomInfo } from '../../../src/wire/messages.ts'
import { inWords } from '../client/error-text.ts'
import type { Session } from '../session/session.ts'
import { readRoomName } from '../text/room-name.ts'
import { button, element, find, isolated } from './element.ts'
import { byName } from './words.ts'

export class RoomDialog {
  readonly #session: Session
  readonly #entered: () => void
  readonly #dialog = find('room-dialog', HTMLDialogElement)
  readonly #name = find('room', HTMLInputElement)
  readonly #error = find('room-error', HTMLElement)
  readonly #list = find('known-rooms', HTMLElement)
  #rooms: readonly RoomInfo[] = []

  /** `entered`: the room is shown. */
  constructor(session: Session, entered: () => void) {
    this.#session = session
    this.#entered = entered
    find('add-room', HTMLElement).addEventListener('click', () => this.#open())
    this.#name.addEventListener('input', () => this.#draw())
    find('room-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault()
      void this.#enter(readRoomName(this.#name.value))
    })
  }

  #open(): void {
    this.#name.value = this.#error.textContent = ''
    this.#rooms = []
    this.#draw()
    this.#dialog.showModal()
    this.#session.allRooms().then(
      rooms => {
        this.#rooms = [...rooms].sort((one, other) => byName(one.room, other.room))
        this.#draw()
      },
      (error: unknown) => {
        this.#error.textContent = inWords(error)
      },
    )
  }

  #draw(): void {
    const name = readRoomName(this.#name.value)
    const words = this.#name.value.trim().toLowerCase()
    const found = this.#rooms.filter(
      ({ room, topic }) => room.includes(name) || (words !== '' && topic.toLowerCase().includes(words)),
    )
    const lines = found.map(info => this.#drawRoom(info))
    if (name !== '' && !this.#rooms.some(({ room }) => room === name))
      lines.push(this.#choice(name, `Create #${name}`))
    this.#list.replaceChildren(...lines)
  }

  #drawRoom({ room, topic, members }: RoomInfo): HTMLElement {
    const people = `${members} ${members === 1 ? 'person' : 'people'}`
    return this.#choice(
      room,
      element('span', { className: 'name' }, `#${room}`),
      ' ',
      element('span', { className: 'topic' }, isolated(topic)),
      ' ',
      element('span', { className: 'quiet-words' }, people),
    )
  }

  #choice(room: string, ...content: (Node | string)[]): HTMLElement {
    const made = button('', 'choice', () => void this.#enter(room))
    made.append(...content)
    return element('li', {}, made)
  }

  async #enter(room: string): Promise<void> {
    try {
      await this.#session.membership.enter(room)
      this.#dialog.close()
      this.#entered()
    } catch (error) {
      this.#error.textContent = inWords(error)
    }
  }
}
