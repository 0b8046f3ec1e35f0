// What can be done with a message: one row of buttons, which goes to the message that is pointed at or has the focus.

import type { Session } from '../session.ts'
import { button, element } from './element.ts'
import type { Act } from './line.ts'

const EMOJI = ['👍', '❤️', '😂', '🎉', '😮', '👀']

export class Toolbar {
  readonly #lines: HTMLElement
  readonly #session: Session
  readonly #bar = element('div', { className: 'toolbar' })
  readonly #act: Act

  constructor(lines: HTMLElement, session: Session, act: Act) {
    this.#lines = lines
    this.#session = session
    this.#act = act
    this.#bar.role = 'toolbar'
    this.#bar.ariaLabel = 'What to do with this message'
    lines.addEventListener('pointerover', event => this.#goTo(event.target, true))
    lines.addEventListener('focusin', event => this.#goTo(event.target, false))
    lines.addEventListener('pointerleave', () => {
      if (!this.#hasFocus()) this.#bar.remove()
    })
  }

  #hasFocus(): boolean {
    return this.#bar.contains(document.activeElement)
  }

  #goTo(target: EventTarget | null, byPointer: boolean): void {
    const line = target instanceof Element ? target.closest<HTMLElement>('.message[data-seq]') : null
    if (line === null || this.#bar.parentElement === line || (byPointer && this.#hasFocus())) return
    const item = this.#session.room?.log.find(Number(line.dataset.seq))
    if (item === undefined || item.fold?.deleted || !this.#lines.contains(line)) {
      this.#bar.remove()
      return
    }
    const { seq, user } = item.entry
    this.#fill(seq, user.id === this.#session.user?.id)
    line.append(this.#bar)
  }

  #fill(seq: number, isMine: boolean): void {
    const { room, user } = this.#session
    const mayRemove = isMine || user?.admin === true || room?.owner === user?.id
    this.#bar.replaceChildren(
      this.#button('Reply', '↩', () => this.#act.reply(seq)),
      this.#button('React', '☺', () => this.#chooseEmoji(seq)),
    )
    if (isMine) this.#bar.append(this.#button('Edit', '✎', () => this.#act.edit(seq)))
    if (mayRemove) this.#bar.append(this.#button('Delete', '✕', () => this.#act.remove(seq)))
  }

  #chooseEmoji(seq: number): void {
    const choices = EMOJI.map(emoji => {
      const choose = button(emoji, 'quiet', () => {
        this.#bar.closest('li')?.focus({ preventScroll: true })
        this.#bar.remove()
        this.#act.react(seq, emoji)
      })
      choose.ariaLabel = `React with ${emoji}`
      return choose
    })
    this.#bar.replaceChildren(...choices)
    choices[0]?.focus()
  }

  #button(label: string, sign: string, act: () => void): HTMLButtonElement {
    const made = button(sign, 'quiet', act)
    made.ariaLabel = label
    made.title = label
    return made
  }
}
