// The page's window of a room's log: without holes, with the end of the known log. Orders entries;
// independent of requests and views.

import type { Fold } from '../../../src/log/entry.ts'
import { foldChange, targetOf } from '../../../src/log/fold.ts'
import type { OkReply, SyncPush, WireEntry } from '../../../src/wire/messages.ts'

/** An item of the log that is shown: a message with its changes, or an event. */
export interface Item {
  readonly entry: WireEntry
  readonly fold: Fold | undefined
  /** The changes up to this position are in `fold`. */
  readonly asOf: number
}

type Page = Pick<OkReply<'history'>, 'log' | 'top' | 'oldest'>

/**
 * Most items of a window. Beyond that, items at the other end are dropped; they can be loaded
 * again.
 */
export const MAX_ITEMS = 500
/**
 * Most entries that wait for earlier ones, and most changes that are kept for messages that are
 * loaded later.
 */
const MAX_HELD = 200

export class RoomLog {
  epoch = ''
  /** The newest known position, from which a join resumes. */
  last = 0
  /** The oldest position that the chat keeps. */
  oldest = 1
  /** The window: all that is visible from `first` to `end` is in `items`. */
  first = 1
  end = 0
  items: readonly Item[] = []
  /** Between messages up to this time and later ones, some are missing for good. */
  gapAfter: number | undefined

  #lastTime = 0
  readonly #held = new Map<number, WireEntry>()
  #changes: WireEntry[] = []

  /** Whether the window ends where the log ends, so that new entries are added to it. */
  get isAtEnd(): boolean {
    return this.end === this.last
  }

  get isAtStart(): boolean {
    return this.first <= this.oldest
  }

  /**
   * Empties the window and moves it to the end of the log, from where earlier entries can be
   * loaded.
   */
  goToEnd(): void {
    this.first = this.last + 1
    this.end = this.last
    this.items = []
  }

  /** Starts with an empty window at the end of another log. */
  begin(epoch: string, top: number, oldest: number): void {
    this.epoch = epoch
    this.oldest = oldest
    this.last = top
    this.goToEnd()
    this.#held.clear()
    this.#changes = []
  }

  /**
   * Applies a new entry. `known`: it was known already. `missing`: it is held until the entries
   * before it have been read, from `last` on. `applied`: it was applied, and perhaps held ones
   * after it; each is passed to `seen`, in order.
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

  /** Whether an entry is held that waits for earlier ones. */
  get isMissing(): boolean {
    return this.#held.size > 0
  }

  /** Applies the missed entries. False if the window is now empty at the end of another log. */
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

  /**
   * Entries after `end`, with their folds. The window has no gap if the entries between are no
   * longer kept.
   */
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

  /** Drops items beyond the limit from the other end. */
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

  /** A page may be older than pushed changes. */
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
