// A room in memory: its log, its folds and its state.

import type { Draft, Entry, Fold, Json, Position } from '../../log/entry.ts'
import { foldChange, targetOf } from '../../log/fold.ts'
import type { StatePatch } from '../../log/room-state.ts'
import type { HistoryQuery, Page, StoredRoom } from '../engine.ts'
import { makeEpoch } from '../epoch.ts'
import { makeEntry } from '../make-entry.ts'
import { rangeOf } from '../range.ts'
import type { BackwardLog, Placed } from '../search/scan.ts'
import { textOf } from '../search/text-of.ts'
import { indexOf } from '../search/words.ts'

interface Stored {
  /** Its place among the entries of all rooms. */
  readonly id: number
  readonly entry: Entry
  fold?: Fold
  /** Its words, as `indexOf` writes them. */
  index: string
}

/** The log of a room with its folds and its state. */
export class MemoryRoom {
  readonly name: string
  readonly #epoch = makeEpoch()
  readonly #keep: number
  readonly #log = new Map<number, Stored>()
  readonly #byCid = new Map<string, Stored>()
  readonly #state = new Map<string, Json>()
  #oldest = 1
  #top = 0

  constructor(name: string, keep: number) {
    this.name = name
    this.#keep = keep
  }

  get position(): Position {
    return { epoch: this.#epoch, seq: this.#top }
  }

  read(): StoredRoom {
    return { ...this.position, oldest: this.#oldest, state: new Map(this.#state) }
  }

  /** The value of a key of its state. */
  valueOf(key: string): Json | undefined {
    return this.#state.get(key)
  }

  /** The entry that this user has stored under this cid. */
  find(draft: Draft): Entry | undefined {
    return this.#byCid.get(cidKey(draft))?.entry
  }

  /** Stores a draft whose cid is new. */
  append(draft: Draft, patch: StatePatch, { id, ts }: { readonly id: number; readonly ts: number }): Entry {
    const entry = makeEntry(draft, { room: this.name, epoch: this.#epoch, seq: ++this.#top, ts })
    const stored = { id, entry, index: indexOfEntry(entry) }
    this.#log.set(entry.seq, stored)
    this.#byCid.set(cidKey(draft), stored)
    this.#fold(entry)
    this.#patch(patch)
    if (this.#log.size > this.#keep) this.#removeOldest()
    return entry
  }

  #fold(change: Entry): void {
    const target = this.#log.get(targetOf(change) ?? 0)
    if (target?.entry.kind !== 'msg') return
    target.fold = foldChange(target.fold, change)
    target.index = indexOfEntry(target.entry, target.fold)
  }

  #patch(patch: StatePatch): void {
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) this.#state.delete(key)
      else this.#state.set(key, value)
    }
  }

  #removeOldest(): void {
    const { entry } = this.#log.get(this.#oldest)!
    this.#log.delete(this.#oldest++)
    this.#byCid.delete(cidKey(entry))
  }

  history(query: HistoryQuery): Page {
    const { size = Number.POSITIVE_INFINITY } = query
    const [first, last] = rangeOf(query, { oldest: this.#oldest, top: this.#top })
    const isForward = query.after !== undefined
    const entries: Entry[] = []
    for (let count = 0, read = 0; count <= last - first && read < size; count++) {
      const stored = this.#log.get(isForward ? first + count : last - count)!
      entries.push(isForward && !query.folded ? stored.entry : withFold(stored))
      read += sizeOf(stored)
    }
    return {
      ...this.position,
      oldest: this.#oldest,
      entries: isForward ? entries : entries.reverse(),
    }
  }

  entry(seq: number): Entry | undefined {
    const stored = this.#log.get(seq)
    return stored && withFold(stored)
  }

  /** The log before a place among the entries of all rooms, newest first. */
  backward(before: number): BackwardLog {
    let seq = this.#seek(before)
    const at = () => this.#log.get(seq)
    return {
      get place() {
        return at()?.id
      },
      async read(): Promise<Placed | undefined> {
        const stored = at()
        seq--
        return stored && { id: stored.id, entry: withFold(stored), index: stored.index }
      },
    }
  }

  /** The last position before a place: places grow with positions. */
  #seek(before: number): number {
    let low = this.#oldest - 1
    let high = this.#top
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.#log.get(middle)!.id < before) low = middle
      else high = middle - 1
    }
    return low
  }
}

function cidKey({ user, cid }: Draft): string {
  return JSON.stringify([user.id, cid])
}

function withFold({ entry, fold }: Stored): Entry {
  return fold ? { ...entry, fold } : entry
}

function sizeOf({ entry, fold }: Stored): number {
  return JSON.stringify(entry.data).length + (fold ? JSON.stringify(fold).length : 0)
}

function indexOfEntry(entry: Entry, fold?: Fold): string {
  return indexOf(textOf(fold ? { ...entry, fold } : entry) ?? '')
}
