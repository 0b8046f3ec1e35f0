// The rows of the log: the newest that pass the filter, added once for each frame of the screen.

import type { Entry } from '../log/entry.ts'
import { type Filter, type Log, passes } from '../log/log.ts'
import { find } from './element.ts'
import { rowOf } from './row.ts'

/** Rows at a time. */
const MAX_ROWS = 1000

/** The log on the screen. */
export class LogView {
  readonly #log: Log
  readonly #onSelect: (entry: Entry) => void
  readonly #box = find('log', HTMLElement)
  readonly #list = find('entries', HTMLElement)
  readonly #empty = find('empty', HTMLElement)
  readonly #newest = find('newest', HTMLButtonElement)
  readonly #show = find('show', HTMLSelectElement)
  readonly #filter = find('filter', HTMLInputElement)
  /** Entries that changed since the last frame of the screen. */
  readonly #changed = new Map<number, Entry>()
  readonly #rows = new Map<number, HTMLElement>()
  #isAll = false
  #isDue = false
  /** Whether the log keeps to its newest row; not while someone reads further up. */
  #isFollowing = true
  #selected = 0

  constructor(log: Log, onSelect: (entry: Entry) => void) {
    this.#log = log
    this.#onSelect = onSelect
    log.subscribe(entry => {
      if (entry === undefined) this.#isAll = true
      else this.#changed.set(entry.id, entry)
      this.#schedule()
    })
    for (const input of [this.#show, this.#filter]) input.addEventListener('input', () => this.#redraw())
    this.#list.addEventListener('click', event => {
      const item = event.target instanceof Element ? event.target.closest('li') : null
      const entry = log.find(Number(item?.dataset.id))
      if (entry !== undefined && entry.kind !== 'event') this.#onSelect(entry)
    })
    this.#list.addEventListener('keydown', event => this.#onKey(event))
    this.#box.addEventListener('scroll', () => this.#onScroll())
    this.#newest.addEventListener('click', () => {
      this.#isFollowing = true
      this.#schedule()
    })
    new ResizeObserver(() => this.#schedule()).observe(this.#box)
  }

  /** Marks the row of an entry. */
  select(id: number): void {
    this.#mark(this.#selected, false)
    this.#selected = id
    this.#mark(id, true)
    if (this.#list.contains(document.activeElement)) return
    this.#rows.get(id)?.scrollIntoView({ block: 'nearest' })
  }

  #mark(id: number, isSelected: boolean): void {
    const row = this.#rows.get(id)?.firstElementChild
    if (row instanceof HTMLButtonElement) row.ariaCurrent = isSelected ? 'true' : null
  }

  #redraw(): void {
    this.#isAll = true
    this.#schedule()
  }

  /** Laying out the log after each of many frames would take seconds. */
  #schedule(): void {
    if (this.#isDue) return
    this.#isDue = true
    requestAnimationFrame(() => {
      this.#isDue = false
      this.#draw()
    })
  }

  #draw(): void {
    const filter: Filter = { show: this.#show.value as Filter['show'], text: this.#filter.value }
    if (this.#isAll) {
      this.#rows.clear()
      this.#list.replaceChildren()
    }
    const candidates = this.#isAll ? this.#log.entries : [...this.#changed.values()]
    this.#isAll = false
    this.#changed.clear()
    const shown = candidates.filter(entry => passes(entry, filter)).slice(-MAX_ROWS)
    const added: HTMLElement[] = []
    for (const entry of shown) {
      const row = rowOf(entry)
      const previous = this.#rows.get(entry.id)
      if (previous === undefined) added.push(row)
      else this.#replace(previous, row)
      this.#rows.set(entry.id, row)
    }
    this.#list.append(...added)
    while (this.#list.childElementCount > MAX_ROWS) this.#removeFirst()
    this.#mark(this.#selected, true)
    this.#makeReachable()
    this.#empty.hidden = this.#rows.size > 0
    this.#empty.textContent =
      this.#log.entries.length === 0 ? 'No frames yet.' : 'No frame passes the filter.'
    this.#newest.hidden = this.#isFollowing
    if (!this.#isFollowing) return
    this.#box.scrollTop = this.#box.scrollHeight
    // Rows have their real height only when they are in view.
    requestAnimationFrame(() => {
      if (this.#isFollowing) this.#box.scrollTop = this.#box.scrollHeight
    })
  }

  #replace(previous: HTMLElement, row: HTMLElement): void {
    const hadFocus = previous.contains(document.activeElement)
    previous.replaceWith(row)
    if (hadFocus && row.firstElementChild instanceof HTMLElement) row.firstElementChild.focus()
  }

  #removeFirst(): void {
    const first = this.#list.firstElementChild
    if (first instanceof HTMLElement) this.#rows.delete(Number(first.dataset.id))
    first?.remove()
  }

  /** One row is in the order of the Tab key; the arrows lead to the others. */
  #makeReachable(): void {
    const buttons = this.#list.querySelectorAll<HTMLElement>('button.row')
    if (this.#list.querySelector('button.row[tabindex="0"]') === null)
      buttons.item(buttons.length - 1)?.setAttribute('tabindex', '0')
  }

  #onKey(event: KeyboardEvent): void {
    const buttons = [...this.#list.querySelectorAll<HTMLElement>('button.row')]
    const at = buttons.findIndex(each => each.contains(document.activeElement))
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: buttons.length - 1 }[event.key]
    const next = to === undefined ? undefined : buttons[to]
    if (next === undefined) return
    event.preventDefault()
    for (const each of buttons) each.tabIndex = each === next ? 0 : -1
    next.focus()
  }

  #onScroll(): void {
    // Rows that have left the log move it too.
    if (this.#isDue) return
    const box = this.#box
    this.#isFollowing = box.scrollHeight - box.scrollTop - box.clientHeight < 40
    this.#newest.hidden = this.#isFollowing
  }
}
