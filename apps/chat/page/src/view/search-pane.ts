// The search and its results.

import type { Replies } from '../../../src/wire/messages.ts'
import { inWords } from '../client/error-text.ts'
import type { Room } from '../room/room.ts'
import type { Session } from '../session/session.ts'
import { makeVisible } from '../text/visible.ts'
import { button, element, find, isolated } from './element.ts'
import { nameOf } from './person.ts'
import { momentOf, shortMomentOf } from './words.ts'

type Hit = Replies['search']['hits'][number]

export class SearchPane {
  readonly #session: Session
  readonly #goTo: (room: string, seq: number) => void
  readonly #query = find('query', HTMLInputElement)
  readonly #results = find('results', HTMLElement)
  readonly #title = find('results-title', HTMLElement)
  readonly #hits = find('hits', HTMLElement)
  readonly #more = find('more-hits', HTMLButtonElement)
  #next: number | undefined

  constructor(session: Session, goTo: (room: string, seq: number) => void) {
    this.#session = session
    this.#goTo = goTo
    find('search', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault()
      this.#hits.replaceChildren()
      this.#next = undefined
      void this.#search()
    })
    this.#more.addEventListener('click', () => void this.#search())
    find('close-results', HTMLButtonElement).addEventListener('click', () => this.close())
    this.#results.addEventListener('keydown', event => {
      if (event.key === 'Escape') this.close()
    })
  }

  close(): void {
    this.#results.hidden = true
    this.#query.focus()
  }

  /** The message was edited or deleted. */
  forget(room: Room, seq: number): void {
    this.#hits.querySelector(`[data-message="${room.name} ${seq}"]`)?.remove()
  }

  async #search(): Promise<void> {
    const words = this.#query.value.trim()
    if (words === '') return
    this.#results.hidden = false
    this.#title.textContent = 'Searching…'
    try {
      const { hits, next } = await this.#session.search(words, this.#next)
      this.#next = next
      this.#hits.append(...hits.map(hit => this.#drawHit(hit)))
      const count = this.#hits.childElementCount
      const isMore = next !== undefined
      if (count === 0 && isMore) this.#title.textContent = 'No results yet; keep searching'
      else {
        const results = count === 1 && !isMore ? '1 result' : `${count}${isMore ? '+' : ''} results`
        this.#title.replaceChildren(`${count === 0 ? 'No results' : results} for "`, isolated(words), '"')
      }
    } catch (error) {
      this.#title.textContent = inWords(error)
    }
    this.#more.hidden = this.#next === undefined
    this.#title.focus()
  }

  #drawHit({ room, seq, ts, user, snip }: Hit): HTMLElement {
    const go = button('', 'hit', () => {
      this.#results.hidden = true
      this.#goTo(room, seq)
    })
    const words = snip.map(([text, isHit]) => element(isHit ? 'mark' : 'span', {}, makeVisible(text)))
    go.append(
      element(
        'span',
        { className: 'head' },
        nameOf(user),
        ' ',
        isolated(`#${room}`),
        ' · ',
        element('time', { title: momentOf(ts) }, shortMomentOf(ts)),
      ),
      element('bdi', { className: 'snippet' }, ...words),
    )
    const hit = element('li', {}, go)
    hit.dataset.message = `${room} ${seq}`
    return hit
  }
}
