// One room in memory: its log, its folds, its state. Knows no other room and no sink.

import type { Draft, Entry, Fold, Json, Position } from '../log/entry.ts'
import { foldChange, targetOf } from '../log/fold.ts'
import type { StatePatch } from '../log/room-state.ts'
import type { HistoryQuery, Page, StoredRoom } from './engine.ts'
import { makeEpoch } from './epoch.ts'
import { makeEntry } from './make-entry.ts'
import { rangeOf } from './range.ts'
import { wordsOf } from './words.ts'

interface Stored {
  /** Its place among the entries of all rooms. */
  readonly id: number
  readonly entry: Entry
  fold?: Fold
  words: ReadonlySet<string>
}

/** A message that can be found: as it reads now. */
export interface Searchable {
  readonly id: number
  readonly entry: Entry
  readonly words: ReadonlySet<string>
}

/** The log of a room and what belongs to it. */
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
    const stored = { id, entry, words: searchWords(entry) }
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
    target.words = searchWords(target.entry, target.fold)
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
    const [first, last] = rangeOf(query, { oldest: this.#oldest, top: this.#top })
    const entries: Entry[] = []
    for (let seq = first; seq <= last; seq++)
      entries.push(query.after === undefined ? this.entry(seq)! : this.#log.get(seq)!.entry)
    return { ...this.position, oldest: this.#oldest, entries }
  }

  entry(seq: number): Entry | undefined {
    const stored = this.#log.get(seq)
    return stored && withFold(stored)
  }

  *searchable(): Generator<Searchable> {
    for (const stored of this.#log.values())
      if (stored.words.size > 0) yield { id: stored.id, entry: withFold(stored), words: stored.words }
  }
}

function cidKey({ user, cid }: Draft): string {
  return JSON.stringify([user.id, cid])
}

function withFold({ entry, fold }: Stored): Entry {
  return fold ? { ...entry, fold } : entry
}

function searchWords(entry: Entry, fold?: Fold): ReadonlySet<string> {
  if (entry.kind !== 'msg' || fold?.deleted) return new Set()
  return new Set(wordsOf(fold?.body ?? entry.data.body))
}
