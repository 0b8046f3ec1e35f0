// What the page has of a room's log: a window of it, without holes, and how far the log is known. Knows the rules by which entries come
// in; refuses to know who asks for them, and what they look like.

import type { Fold } from '../../../src/log/entry.ts'
import { foldChange, targetOf } from '../../../src/log/fold.ts'
import type { OkReply, SyncPush, WireEntry } from '../../../src/wire/messages.ts'

/** Something to be seen in the log: a message with what became of it, or an event. */
export interface Item {
  readonly entry: WireEntry
  readonly fold: Fold | undefined
  /** The changes up to this position are in `fold`. */
  readonly asOf: number
}

type Page = Pick<OkReply<'history'>, 'log' | 'top' | 'oldest'>

/** Most items of a window; where one more comes, those at the far end go. They can be read again. */
export const MAX_ITEMS = 500
/** Entries that wait for those before them, and changes that are kept for what is read later. */
const MAX_HELD = 200

export class RoomLog {
  epoch = ''
  /** The newest position that is known; a join goes on after it. */
  last = 0
  /** The oldest position that the chat keeps. */
  oldest = 1
  /** The window: all that is visible from `first` to `end` is in `items`. */
  first = 1
  end = 0
  items: readonly Item[] = []
  /** Between what was said up to this time and what was said later, something is missing for good. */
  gapAfter: number | undefined

  #lastTime = 0
  readonly #held = new Map<number, WireEntry>()
  #changes: WireEntry[] = []

  /** Whether the window ends where the log ends: what comes is added to it. */
  get isAtEnd(): boolean {
    return this.end === this.last
  }

  get isAtStart(): boolean {
    return this.first <= this.oldest
  }

  /** An empty window at the end of the log: what is before it can be read. */
  goToEnd(): void {
    this.first = this.last + 1
    this.end = this.last
    this.items = []
  }

  /** Begins anew, with an empty window at the end of another log. */
  begin(epoch: string, top: number, oldest: number): void {
    this.epoch = epoch
    this.oldest = oldest
    this.last = top
    this.goToEnd()
    this.#held.clear()
    this.#changes = []
  }

  /**
   * An entry of the log as it is now. `known`: it was there. `missing`: it is held until those before it are here, which have to be
   * read after `last`. `applied` may apply what was held, too: all that was applied is handed to `seen`, in order.
   */
  apply(
    entry: WireEntry,
    seen: (entry: WireEntry) => void = () => undefined,
  ): 'known' | 'applied' | 'missing' {
    if (entry.seq <= this.last) return 'known'
    if (entry.seq > this.last + 1) {
      if (this.#held.size < MAX_HELD) this.#held.set(entry.seq, entry)
      return 'missing'
    }
    for (let next: WireEntry | undefined = entry; next !== undefined; next = this.#held.get(this.last + 1)) {
      this.#held.delete(next.seq)
      this.#append(next)
      seen(next)
    }
    for (const seq of this.#held.keys()) if (seq <= this.last) this.#held.delete(seq)
    return 'applied'
  }

  /** Whether something is held that waits for what is before it. */
  get isMissing(): boolean {
    return this.#held.size > 0
  }

  /** What was missed. False: what was here is gone, and the window is empty at the end of the log. */
  sync(push: SyncPush, seen: (entry: WireEntry) => void = () => undefined): boolean {
    if (!push.ok) {
      this.beginAgain(push.epoch, push.to)
      return false
    }
    this.epoch = push.epoch
    for (const entry of push.log) this.apply(entry, seen)
    return true
  }

  /** Begins at the end of another log, or after entries that are no longer kept. */
  beginAgain(epoch: string, top: number): void {
    if (this.#lastTime > 0) this.gapAfter = this.#lastTime
    this.begin(epoch, top, this.oldest)
  }

  /** Entries before `first`, as many as were asked for. */
  addOlder(page: Page): void {
    this.oldest = page.oldest
    const older = page.log.filter(({ seq }) => seq < this.first)
    this.items = [...this.#visible(older, page.top), ...this.items]
    this.first = older[0]?.seq ?? page.oldest
    this.keep('oldest')
  }

  /** Entries after `end`, with their folds. Where those after it are not kept any more, there is nothing between. */
  addNewer(page: Page): void {
    this.oldest = page.oldest
    const newer = page.log.filter(({ seq }) => seq > this.end && seq <= this.last)
    this.items = [...this.items, ...this.#visible(newer, page.top)]
    this.end = newer.at(-1)?.seq ?? this.last
    this.keep('newest')
  }

  /** Another window: a page with its folds. */
  replace(page: Page): void {
    this.end = Math.min(page.log.at(-1)?.seq ?? page.top, this.last)
    this.first = this.end + 1
    this.items = []
    this.addOlder({ ...page, log: page.log.filter(({ seq }) => seq <= this.end) })
  }

  /** Lets go of what is too much, from the other end. */
  keep(which: 'oldest' | 'newest'): void {
    if (this.items.length <= MAX_ITEMS) return
    if (which === 'newest') {
      this.items = this.items.slice(-MAX_ITEMS)
      this.first = this.items[0]!.entry.seq
    } else {
      this.items = this.items.slice(0, MAX_ITEMS)
      this.end = this.items.at(-1)!.entry.seq
    }
  }

  find(seq: number): Item | undefined {
    return this.items.find(({ entry }) => entry.seq === seq)
  }

  #visible(entries: readonly WireEntry[], asOf: number): Item[] {
    const items = entries.filter(isVisible).map(entry => this.#current(entry, asOf))
    this.#lastTime = Math.max(this.#lastTime, items.at(-1)?.entry.ts ?? 0)
    return items
  }

  #append(entry: WireEntry): void {
    this.#lastTime = Math.max(this.#lastTime, entry.ts)
    const wasAtEnd = this.isAtEnd
    this.last = entry.seq
    if (wasAtEnd) this.end = entry.seq
    if (targetOf(entry) !== undefined) this.#change(entry)
    else if (wasAtEnd && isVisible(entry))
      this.items = [...this.items, { entry, fold: undefined, asOf: entry.seq }]
  }

  #change(change: WireEntry): void {
    this.#changes.push(change)
    if (this.#changes.length > MAX_HELD) this.#changes.shift()
    const target = targetOf(change)
    if (!this.items.some(({ entry }) => entry.seq === target)) return
    this.items = this.items.map(item => (item.entry.seq === target ? changed(item, change) : item))
  }

  /** What was read may be older than what has been pushed since. */
  #current(entry: WireEntry, asOf: number): Item {
    const { fold, ...plain } = entry
    return this.#changes
      .filter(change => targetOf(change) === entry.seq)
      .reduce<Item>(changed, { entry: plain, fold, asOf })
  }
}

function changed(item: Item, change: WireEntry): Item {
  if (change.seq <= item.asOf || item.entry.kind !== 'msg') return item
  return { ...item, fold: foldChange(item.fold, change), asOf: change.seq }
}

function isVisible({ kind }: WireEntry): boolean {
  return kind === 'msg' || kind === 'topic' || kind === 'mod' || kind === 'rename'
}
