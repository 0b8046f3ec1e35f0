// The log of the room that is shown: draws changes, keeps the reading position, and loads more at
// the ends.

import type { Author } from '../../../src/log/entry.ts'
import { type Line, linesOf } from '../room/lines.ts'
import type { Room } from '../room/room.ts'
import type { Session } from '../session/session.ts'
import { find } from './element.ts'
import { type Act, drawLine } from './line.ts'
import { Sheet } from './sheet.ts'
import { Toolbar } from './toolbar.ts'

/**
 * Pixels: closer to the end than that is at the end; closer to where nothing is loaded than that
 * loads more.
 */
const NEAR_END = 40
const NEAR_EDGE = 800

interface Drawn {
  readonly line: Line
  readonly node: HTMLElement
}

export class LogPane {
  readonly #session: Session
  readonly #act: Act
  readonly #log = find('log', HTMLElement)
  readonly #lines = find('lines', HTMLElement)
  readonly #newest = find('newest', HTMLButtonElement)
  readonly #empty = find('empty', HTMLElement)
  #drawn = new Map<string, Drawn>()
  #room: Room | undefined
  #me: Author | undefined
  /** Follows the newest message, unless the reader has scrolled up. */
  #isFollowing = true

  constructor(session: Session, act: Act) {
    this.#session = session
    this.#act = act
    new Toolbar(this.#lines, session, act)
    new Sheet(this.#lines, session, act)
    this.#log.addEventListener('scroll', () => this.#scrolled())
    this.#log.addEventListener('keydown', event => this.#walk(event))
    new ResizeObserver(() => this.#isFollowing && this.#scrollToEnd()).observe(this.#log)
    this.#newest.addEventListener('click', () => {
      void this.goToEnd()
      find('text', HTMLTextAreaElement).focus()
    })
  }

  /** Whether the newest message is in view. */
  get isAtEnd(): boolean {
    return this.#isFollowing && this.#room?.log.isAtEnd === true
  }

  async goToEnd(): Promise<void> {
    this.#isFollowing = true
    await this.#session.history.goToEnd()
    this.draw()
  }

  /** Brings a message into view, and marks it for a moment. */
  async goTo(seq: number): Promise<void> {
    this.#isFollowing = false
    const isThere = await this.#session.history.goTo(seq)
    this.#isFollowing = false
    this.draw()
    const node = this.#lines.querySelector<HTMLElement>(`[data-seq="${seq}"]`)
    if (!isThere || node === null) return this.#session.notice.tell('That message is no longer available.')
    node.scrollIntoView({ block: 'center' })
    node.focus({ preventScroll: true })
    node.classList.remove('found')
    void node.offsetWidth // begins the animation anew
    node.classList.add('found')
  }

  draw(): void {
    const { room, user } = this.#session
    if (room !== this.#room) {
      this.#isFollowing = true
      this.#room = room
      this.#drawn.clear()
      this.#lines.replaceChildren()
    }
    if (user?.nick !== this.#me?.nick || user?.id !== this.#me?.id) this.#drawn.clear()
    this.#me = user
    if (room) this.#drawRoom(room)
    this.#newest.hidden = this.isAtEnd || room === undefined
    this.#newest.textContent = room?.unread.count ? `${room.unread.count} new ↓` : 'Newest messages ↓'
  }

  #drawRoom(room: Room): void {
    const pending = this.#session.outbox.items.filter(
      ({ fields, user }) => fields.room === room.name && user === this.#me?.id,
    )
    room.log.keep(this.#isFollowing ? 'newest' : 'oldest')
    const { log, newAfter } = room
    const lines = linesOf({ log, pending, me: this.#me, newAfter, now: Date.now() })
    const anchor = this.#isFollowing ? undefined : this.#findAnchor()
    this.#place(lines, room)
    if (anchor?.node.isConnected) this.#log.scrollTop += anchor.node.offsetTop - anchor.top
    if (this.#isFollowing) this.#scrollToEnd()
    this.#loadMore()
    this.#empty.hidden = !room.isJoined || room.log.last > 0 || pending.length > 0
  }

  /** The first line in view, which keeps its position when lines above it change. */
  #findAnchor(): { node: HTMLElement; top: number } | undefined {
    const { scrollTop } = this.#log
    const nodes = [...this.#lines.children] as HTMLElement[]
    const node = nodes.find(each => each.offsetTop + each.offsetHeight > scrollTop && each.dataset.seq)
    return node && { node, top: node.offsetTop }
  }

  #place(lines: readonly Line[], room: Room): void {
    const before = this.#drawn
    this.#drawn = new Map()
    let at = this.#lines.firstElementChild
    for (const line of lines) {
      const old = before.get(line.key)
      const node = old && isSame(old.line, line) ? old.node : this.#redraw(line, room, old?.node)
      this.#drawn.set(line.key, { line, node })
      if (old !== undefined && old.node === at) at = node // It may have taken the old one's place.
      if (node === at) at = node.nextElementSibling
      else this.#lines.insertBefore(node, at)
    }
    while (at) {
      const next = at.nextElementSibling
      at.remove()
      at = next
    }
  }

  #redraw(line: Line, room: Room, old: HTMLElement | undefined): HTMLElement {
    const node = drawLine(line, room, this.#me, this.#act)
    if (old?.isConnected) {
      const hadFocus = old === document.activeElement
      old.replaceWith(node)
      if (hadFocus) node.focus({ preventScroll: true })
    }
    return node
  }

  #scrollToEnd(): void {
    this.#log.scrollTop = this.#log.scrollHeight
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#log
    const rest = scrollHeight - scrollTop - clientHeight
    this.#isFollowing = rest < NEAR_END && this.#room?.log.isAtEnd === true
    this.#newest.hidden = this.isAtEnd
    if (this.#isFollowing) this.#act.seen()
    this.#loadMore()
  }

  /** Removed as soon as nothing more can be loaded, before it is in view. */
  #loadMore(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#log
    const log = this.#room?.log
    if (log === undefined) return
    if (scrollTop < NEAR_EDGE && !log.isAtStart) void this.#session.history.loadOlder()
    else if (scrollHeight - scrollTop - clientHeight < NEAR_EDGE && !log.isAtEnd)
      void this.#session.history.loadNewer()
    this.#log.ariaBusy = String(this.#room?.isLoading === true)
  }

  /** Up and down go from message to message; Tab goes to its actions. */
  #walk(event: KeyboardEvent): void {
    if (event.key === 'Escape') find('text', HTMLTextAreaElement).focus()
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    const nodes = [...this.#lines.querySelectorAll<HTMLElement>('[data-seq]')]
    const at = nodes.findIndex(node => node.contains(document.activeElement))
    const next = at < 0 ? nodes.at(-1) : nodes[at + step]
    event.preventDefault()
    if (next) next.focus()
    else if (step > 0) find('text', HTMLTextAreaElement).focus()
  }
}

/** Whether both look the same. */
function isSame(one: Line, other: Line): boolean {
  if ('item' in one && 'item' in other)
    return one.item === other.item && one.leads === other.leads && one.quoted === other.quoted
  if (one.kind === 'day' && other.kind === 'day') return one.age === other.age
  if ('pending' in one && 'pending' in other)
    return one.pending === other.pending && one.leads === other.leads
  return one.kind === other.kind
}
