// The entries so far, and which of them are shown.

import { isControl } from '@ws/frame'
import { decodeText, opcodeName, payloadOf } from '../decode/frame.ts'
import type { Entry, NewEntry } from './entry.ts'

/** Entries that are kept. */
const MAX_ENTRIES = 4000

/** Which entries are shown. */
export interface Filter {
  readonly show: 'all' | 'data' | 'control' | 'client' | 'server'
  /** Part of the text of an entry, in any case. */
  readonly text: string
}

/** Called after a change: with the new entry, or without one if any may have changed. */
export type OnChange = (entry?: Entry) => void

/** The log. */
export class Log {
  readonly #listeners = new Set<OnChange>()
  #entries: Entry[] = []
  #lastId = 0

  get entries(): readonly Entry[] {
    return this.#entries
  }

  /** Calls the listener after each change. Returns a function that ends this. */
  subscribe(listener: OnChange): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Adds an entry, and returns its number. */
  add(entry: NewEntry): number {
    const id = ++this.#lastId
    const added: Entry = { ...entry, id }
    this.#entries.push(added)
    if (this.#entries.length > MAX_ENTRIES) this.#entries = this.#entries.slice(-MAX_ENTRIES * 0.75)
    this.#tell(added)
    return id
  }

  /** Replaces an entry, if it is still there. */
  update(id: number, entry: NewEntry): void {
    const at = this.#entries.findIndex(each => each.id === id)
    if (at < 0) return
    const updated: Entry = { ...entry, id }
    this.#entries[at] = updated
    this.#tell(updated)
  }

  find(id: number): Entry | undefined {
    return this.#entries.find(each => each.id === id)
  }

  clear(): void {
    this.#entries = []
    this.#tell()
  }

  #tell(entry?: Entry): void {
    for (const listener of this.#listeners) listener(entry)
  }
}

/** Whether an entry is shown. */
export function passes(entry: Entry, { show, text }: Filter): boolean {
  return isShown(entry, show) && (text === '' || textOf(entry).toLowerCase().includes(text.toLowerCase()))
}

function isShown(entry: Entry, show: Filter['show']): boolean {
  if (show === 'all') return true
  if (entry.kind === 'frame') {
    const { from, header } = entry.frame
    if (show === 'data' || show === 'control') return isControl(header.opcode) === (show === 'control')
    return from === show
  }
  if (entry.kind === 'message') return show === 'data' || entry.from === show
  return false
}

/** The text of an entry that a filter looks at. */
function textOf(entry: Entry): string {
  if (entry.kind === 'event') return entry.words
  if (entry.kind === 'handshake') return `handshake ${entry.handshake.request?.url ?? ''}`
  if (entry.kind === 'message') return typeof entry.data === 'string' ? entry.data : 'binary'
  const payload = entry.inflated ?? payloadOf(entry.frame)
  return `${opcodeName(entry.frame.header.opcode)} ${decodeText(payload) ?? ''}`
}
