// Where one writes: sends, edits, answers, and understands commands.

import { MAX_BODY } from '../../../src/wire/constants.ts'
import type { Room } from '../room/room.ts'
import { inWords, type Session } from '../session.ts'
import { type Command, readCommand } from '../text/commands.ts'
import { find, isolated, setText } from './element.ts'

/** What a command opens. */
export interface Opens {
  account(op: 'register' | 'login', nick: string): void
  help(): void
  /** Asks whether the room that is shown is to be removed, and does it. Rejects as `Session.removeRoom` does. */
  removeRoom(): Promise<void>
  newest(): void
}

export class Composer {
  readonly #session: Session
  readonly #opens: Opens
  readonly #text = find('text', HTMLTextAreaElement)
  readonly #context = find('context', HTMLElement)
  #room: Room | undefined

  constructor(session: Session, opens: Opens) {
    this.#session = session
    this.#opens = opens
    find('composer', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault()
      void this.#submit()
    })
    // The focus stays in the text, and with it the keyboard of a phone.
    find('send', HTMLButtonElement).addEventListener('mousedown', event => event.preventDefault())
    find('cancel', HTMLButtonElement).addEventListener('click', () => this.#cancel())
    this.#text.addEventListener('keydown', event => this.#key(event))
    this.#text.addEventListener('input', () => {
      if (this.#room) this.#room.draft = this.#text.value
      this.#session.type(this.#text.value.trim() !== '' && !this.#text.value.startsWith('/'))
    })
  }

  focus(): void {
    this.#text.focus()
  }

  draw(): void {
    const { room } = this.#session
    if (room !== this.#room) {
      this.#room = room
      this.#text.value = room?.draft ?? ''
    }
    if (room === undefined) return
    const target = room.log.find(room.editing ?? room.replyTo ?? 0)
    const words = room.editing
      ? ['Editing your message']
      : ['Replying to ', isolated(target?.entry.user.nick ?? 'a message')]
    this.#context.hidden = room.editing === undefined && room.replyTo === undefined
    setText(find('context-words', HTMLElement), ...words)
    this.#text.placeholder = room.isLocked ? 'This room is locked' : `Write to #${room.name}`
  }

  reply(seq: number): void {
    if (this.#room === undefined) return
    this.#room.replyTo = seq
    this.#room.editing = undefined
    this.draw()
    this.focus()
  }

  edit(seq: number): void {
    const item = this.#room?.log.find(seq)
    if (this.#room === undefined || item?.entry.kind !== 'msg') return
    this.#room.editing = seq
    this.#room.replyTo = undefined
    this.#write(item.fold?.body ?? item.entry.data.body)
    this.draw()
    this.focus()
  }

  #key(event: KeyboardEvent): void {
    // The Enter and Escape of an input method are its own; Safari says so by the code.
    if (event.isComposing || event.keyCode === 229) return
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      void this.#submit()
    } else if (event.key === 'Escape') this.#cancel()
    else if (event.key === 'ArrowUp' && this.#text.value === '') this.#editLast(event)
  }

  #editLast(event: KeyboardEvent): void {
    const mine = this.#room?.log.items.findLast(
      ({ entry, fold }) =>
        entry.kind === 'msg' && entry.user.id === this.#session.user?.id && fold?.deleted !== true,
    )
    if (mine === undefined) return
    event.preventDefault()
    this.edit(mine.entry.seq)
  }

  #cancel(): void {
    if (this.#room === undefined) return
    if (this.#room.editing !== undefined) this.#write('')
    this.#room.editing = this.#room.replyTo = undefined
    this.draw()
    this.focus()
  }

  async #submit(): Promise<void> {
    const text = this.#text.value.toWellFormed().trim()
    const room = this.#room
    if (room === undefined || text === '') return
    if (text.length > MAX_BODY) {
      this.#session.tell(`A message has at most ${MAX_BODY} characters; this one has ${text.length}.`)
      return
    }
    this.#session.type(false)
    if (room.editing !== undefined) {
      this.#session.edit(room.editing, text)
      room.editing = undefined
      this.#write('')
      this.draw()
    } else await this.#obey(readCommand(text))
  }

  async #obey(command: Command): Promise<void> {
    if (command.kind === 'wrong') {
      this.#session.tell(command.why)
      return
    }
    const before = this.#text.value
    this.#write('')
    try {
      await this.#do(command)
    } catch (error) {
      if (this.#text.value === '') this.#write(before)
      this.#session.tell(inWords(error))
    }
  }

  async #do(command: Exclude<Command, { kind: 'wrong' }>): Promise<void> {
    const session = this.#session
    switch (command.kind) {
      case 'say':
        session.say(command.body, command.as)
        return this.#opens.newest()
      case 'topic':
        return session.setTopic(command.topic)
      case 'nick':
        return session.authenticate({ op: 'nick', nick: command.nick })
      case 'join':
        return session.enter(command.room)
      case 'leave':
        return session.leave()
      case 'remove-room':
        return this.#opens.removeRoom()
      case 'logout':
        return session.authenticate({ op: 'logout' })
      case 'help':
        return this.#opens.help()
      case 'register':
      case 'login':
        return this.#opens.account(command.kind, command.nick)
      case 'moderate':
        return session.moderate(this.#about(command))
    }
  }

  /** Who is named may have left: then somebody of the log has the name. */
  #about({ kind: _, nick, ...fields }: Command & { kind: 'moderate' }): Parameters<Session['moderate']>[0] {
    if (nick === undefined) return fields
    const here = [
      ...(this.#room?.members?.values() ?? []),
      ...(this.#room?.log.items.map(item => item.entry.user) ?? []),
    ]
    const user = here.find(each => each.nick.toLowerCase() === nick.toLowerCase())
    if (user === undefined) throw new Error(`Nobody here is called ${nick}.`)
    return { ...fields, user: user.id }
  }

  #write(text: string): void {
    this.#text.value = text
    if (this.#room) this.#room.draft = text
  }
}
