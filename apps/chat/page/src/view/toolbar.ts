// The actions of a message for pointer and keyboard: one row of buttons, at the message under the
// pointer or with the focus.

import type { Session } from '../session/session.ts'
import { EMOJI, type MessageActions, mayEdit, mayRemove, messageAt } from './actions.ts'
import { button, element } from './element.ts'
import { isTouched } from './touch.ts'

export class Toolbar {
  readonly #lines: HTMLElement
  readonly #session: Session
  readonly #bar = element('div', { className: 'toolbar' })
  readonly #act: MessageActions

  constructor(lines: HTMLElement, session: Session, act: MessageActions) {
    this.#lines = lines
    this.#session = session
    this.#act = act
    this.#bar.role = 'toolbar'
    this.#bar.ariaLabel = 'Message actions'
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
    // A finger does not hover: it has the sheet.
    if (isTouched()) {
      this.#bar.remove()
      return
    }
    const isAt = target instanceof Element && this.#bar.parentElement === target.closest('.message[data-seq]')
    if ((isAt && this.#bar.isConnected) || (byPointer && this.#hasFocus())) return
    const found = messageAt(target, this.#session)
    if (found === undefined || !this.#lines.contains(found.line)) {
      if (target instanceof Element && target.closest('.message[data-seq]')) this.#bar.remove()
      return
    }
    const { item, line } = found
    const { seq } = item.entry
    this.#bar.replaceChildren(
      this.#button('Reply', '↩', () => this.#act.reply(seq)),
      this.#button('React', '☺', () => this.#chooseEmoji(seq)),
    )
    if (mayEdit(item, this.#session)) this.#bar.append(this.#button('Edit', '✎', () => this.#act.edit(seq)))
    if (mayRemove(item, this.#session))
      this.#bar.append(this.#button('Delete', '✕', () => this.#act.remove(seq)))
    line.append(this.#bar)
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
