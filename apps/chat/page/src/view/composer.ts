// The composer: sends, edits, replies, and runs commands.

import { nameKey } from '../../../src/text/name-key.ts'
import { MAX_BODY } from '../../../src/wire/constants.ts'
import { inWords, ValidationError } from '../client/error-text.ts'
import type { Room } from '../room/room.ts'
import type { Session } from '../session/session.ts'
import { type Command, readCommand } from '../text/commands.ts'
import { find, isolated, setText } from './element.ts'
import { durationOf } from './words.ts'

/** Actions of the composer's commands. Each rejects as the session's method for it does. */
export interface Opens {
  account(op: 'register' | 'login', nick: string): void
  help(): void
  signOut(): Promise<void>
  removeRoom(): Promise<void>
  /** Whether the message was deleted. */
  removeMessage(seq: number): Promise<boolean>
  newest(): void
}

/** From this length on, the number of characters is shown. */
const LONG_BODY = 0.9 * MAX_BODY
const count = new Intl.NumberFormat()

export class Composer {
  readonly #session: Session
  readonly #opens: Opens
  readonly #text = find('text', HTMLTextAreaElement)
  readonly #context = find('context', HTMLElement)
  readonly #counter = find('counter', HTMLElement)
  #room: Room | undefined
  #user: string | undefined

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
    find('join-again', HTMLButtonElement).addEventListener('click', () => {
      void session.membership.joinAgain().then(() => this.focus())
    })
    this.#text.addEventListener('keydown', event => this.#key(event))
    this.#text.addEventListener('input', () => {
      this.#keep()
      this.#session.writer.type(this.#text.value.trim() !== '' && !this.#text.value.startsWith('/'))
    })
  }

  focus(): void {
    this.#text.focus()
  }

  draw(): void {
    const { room, user, isOpen } = this.#session
    if (room !== this.#room || user?.id !== this.#user) {
      this.#room = room
      this.#user = user?.id
      this.#showDraft()
    }
    if (room === undefined) return
    const isOutside = isOpen && !room.isJoined && room.outside !== ''
    find('composer', HTMLElement).hidden = isOutside
    find('outside', HTMLElement).hidden = !isOutside
    setText(find('outside-words', HTMLElement), isolated(room.outside))
    const target = room.log.find(room.replyTo ?? 0)
    const words = room.editing
      ? ['Editing your message']
      : ['Replying to ', isolated(target?.entry.user.nick ?? 'a message')]
    this.#context.hidden = room.editing === undefined && room.replyTo === undefined
    setText(find('context-words', HTMLElement), ...words)
    const slow = room.slow > 0 ? ` (slow mode: ${durationOf(room.slow)})` : ''
    this.#text.placeholder = room.isLocked ? 'This room is locked' : `Write to #${room.name}${slow}`
  }

  reply(seq: number): void {
    if (this.#room === undefined) return
    this.#room.replyTo = seq
    this.#room.editing = undefined
    this.#showDraft()
    this.draw()
    this.focus()
  }

  edit(seq: number): void {
    const item = this.#room?.log.find(seq)
    if (this.#room === undefined || item?.entry.kind !== 'msg') return
    this.#room.editing = { seq, text: item.fold?.body ?? item.entry.data.body }
    this.#room.replyTo = undefined
    this.#showDraft()
    this.draw()
    this.focus()
  }

  #key(event: KeyboardEvent): void {
    // Enter and Escape belong to an active input method; Safari reports it only by the key code.
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

  /** Ends an edit or a reply. The draft is as it was before. */
  #cancel(): void {
    if (this.#room === undefined) return
    this.#room.editing = this.#room.replyTo = undefined
    this.#showDraft()
    this.draw()
    this.focus()
  }

  async #submit(): Promise<void> {
    const text = this.#text.value.toWellFormed().trim()
    const room = this.#room
    this.#session.notice.clear()
    if (room === undefined || text.length > MAX_BODY) return
    this.#session.writer.type(false)
    if (room.editing !== undefined) await this.#finishEdit(room, room.editing.seq, text)
    else if (text !== '') await this.#obey(readCommand(text))
  }

  /** A message that is edited to nothing may be meant to be deleted. */
  async #finishEdit(room: Room, seq: number, text: string): Promise<void> {
    if (text !== '') this.#session.writer.edit(seq, text)
    else if (!(await this.#opens.removeMessage(seq))) return
    room.editing = undefined
    this.#showDraft()
    this.draw()
  }

  async #obey(command: Command): Promise<void> {
    if (command.kind === 'wrong') {
      this.#session.notice.tell(command.why)
      return
    }
    const before = this.#text.value
    this.#write('')
    try {
      await this.#do(command)
    } catch (error) {
      if (this.#text.value === '') this.#write(before)
      this.#session.notice.tell(inWords(error))
    }
  }

  async #do(command: Exclude<Command, { kind: 'wrong' }>): Promise<void> {
    const session = this.#session
    switch (command.kind) {
      case 'say':
        session.writer.say(command.body, command.as)
        return this.#opens.newest()
      case 'show-topic': {
        const { topic = '' } = session.room ?? {}
        const words = topic === '' ? 'This room has no topic.' : `The topic is: ${topic}`
        return session.notice.tell(words)
      }
      case 'topic':
        return session.writer.setTopic(command.topic)
      case 'nick':
        return session.account.authenticate({ op: 'nick', nick: command.nick })
      case 'join':
        return session.membership.enter(command.room)
      case 'leave':
        return session.membership.leave()
      case 'remove-room':
        return this.#opens.removeRoom()
      case 'logout':
        return this.#opens.signOut()
      case 'help':
        return this.#opens.help()
      case 'register':
      case 'login':
        return this.#opens.account(command.kind, command.nick)
      case 'moderate':
        return session.moderate(this.#about(command))
    }
  }

  /** The named user may have left: then the name is looked up in the log. */
  #about({ kind: _, nick, ...fields }: Command & { kind: 'moderate' }): Parameters<Session['moderate']>[0] {
    if (nick === undefined) return fields
    const here = [
      ...(this.#room?.members?.values() ?? []),
      ...(this.#room?.log.items.map(item => item.entry.user) ?? []),
    ]
    const user = here.find(each => nameKey(each.nick) === nameKey(nick))
    if (user === undefined) throw new ValidationError(`Nobody here is called "${nick}".`)
    if (user.id === this.#user) throw new ValidationError("You can't do that to yourself.")
    return { ...fields, user: user.id }
  }

  /** Shows the text of the edit, or the draft. */
  #showDraft(): void {
    const draft = this.#room && this.#user ? this.#session.drafts.get(this.#user, this.#room.name) : ''
    this.#text.value = this.#room?.editing?.text ?? draft
    this.#measure()
  }

  #write(text: string): void {
    this.#text.value = text
    this.#keep()
  }

  /** Keeps the text as the edit or as the draft. */
  #keep(): void {
    const { value } = this.#text
    if (this.#room?.editing) this.#room.editing.text = value
    else if (this.#room && this.#user) this.#session.drafts.set(this.#user, this.#room.name, value)
    this.#measure()
  }

  #measure(): void {
    const { length } = this.#text.value
    this.#counter.hidden = length < LONG_BODY
    const words = `${count.format(length)} of ${count.format(MAX_BODY)} characters`
    this.#counter.textContent = length > MAX_BODY ? `Too long: ${words}.` : words
    if (CSS.supports('field-sizing', 'content')) return
    this.#text.style.height = ''
    this.#text.style.height = `${this.#text.scrollHeight}px`
  }
}
