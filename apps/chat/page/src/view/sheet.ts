// The actions of a message for a finger: a tap or a long press on a message opens them at the
// bottom of the screen.

import type { Session } from '../session/session.ts'
import { EMOJI, type MessageActions, mayEdit, mayRemove, messageAt } from './actions.ts'
import { button, find } from './element.ts'
import { isTouched } from './touch.ts'

export class Sheet {
  readonly #session: Session
  readonly #act: MessageActions
  readonly #dialog = find('sheet', HTMLDialogElement)

  constructor(lines: HTMLElement, session: Session, act: MessageActions) {
    this.#session = session
    this.#act = act
    lines.addEventListener('click', event => {
      const isOther = (event.target as Element).closest('a, button') !== null
      if (isTouched() && !isOther && getSelection()?.isCollapsed !== false) this.#open(event)
    })
    lines.addEventListener('contextmenu', event => {
      if (isTouched() && (event.target as Element).closest('a') === null) this.#open(event)
    })
    // The dialog has no surface beside its content: this is a tap outside.
    this.#dialog.addEventListener('click', event => {
      if (event.target === this.#dialog) this.#dialog.close()
    })
  }

  #open(event: Event): void {
    const found = messageAt(event.target, this.#session)
    if (found === undefined) return
    event.preventDefault()
    const { item } = found
    const { entry, fold } = item
    if (entry.kind !== 'msg') return
    const { seq } = entry
    const emoji = EMOJI.map(each => {
      const made = this.#button(each, 'emoji', () => this.#act.react(seq, each))
      made.ariaLabel = `React with ${each}`
      return made
    })
    find('sheet-emoji', HTMLElement).replaceChildren(...emoji)
    const actions = [
      this.#button('Reply', '', () => this.#act.reply(seq)),
      this.#button('Copy', '', () => this.#act.copy(fold?.body ?? entry.data.body)),
    ]
    if (mayEdit(item, this.#session)) actions.push(this.#button('Edit', '', () => this.#act.edit(seq)))
    if (mayRemove(item, this.#session))
      actions.push(this.#button('Delete', 'danger', () => this.#act.remove(seq)))
    find('sheet-actions', HTMLElement).replaceChildren(...actions)
    this.#dialog.showModal()
  }

  #button(label: string, className: string, act: () => void): HTMLButtonElement {
    return button(label, className, () => {
      this.#dialog.close()
      act()
    })
  }
}
