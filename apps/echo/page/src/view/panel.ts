// The panel beside the log, which is in front of it on a phone.

import { find } from './element.ts'

/** Shows one view at a time. */
export class Panel {
  readonly #panel = find('panel', HTMLElement)
  readonly #content = find('panel-content', HTMLElement)
  /** What had the focus before the panel came to the front. */
  #origin: Element | null = null

  constructor() {
    find('close-panel', HTMLButtonElement).addEventListener('click', () => this.close())
    this.#panel.addEventListener('keydown', event => {
      if (event.key === 'Escape' && this.#isInFront) this.close()
    })
  }

  /** Replaces the view. On a phone it comes to the front if `isAsked`. */
  show(name: string, isAsked: boolean, ...views: readonly Node[]): void {
    this.#content.replaceChildren(...views)
    this.#panel.scrollTop = 0
    for (const button of document.querySelectorAll<HTMLElement>('[data-panel]'))
      button.ariaPressed = String(button.dataset.panel === name)
    if (!isAsked) return
    document.body.dataset.front = 'panel'
    if (!this.#isInFront) return
    if (!this.#panel.contains(document.activeElement)) this.#origin = document.activeElement
    this.#panel.focus()
  }

  /** Leads back to the log, on a phone. */
  close(): void {
    document.body.dataset.front = 'log'
    if (this.#origin instanceof HTMLElement) this.#origin.focus()
  }

  get #isInFront(): boolean {
    return getComputedStyle(this.#panel).position === 'fixed'
  }
}
