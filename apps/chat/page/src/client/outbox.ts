// Writes that are not yet known to be stored. Kept in the browser's storage, so that they survive a
// reload; sent one after the other, each until the chat has answered. Independent of rooms and
// connections.

import type { Clock } from './clock.ts'
import type { Fields } from './connection.ts'
import { Disconnected, RequestError } from './connection.ts'
import { inWords } from './error-text.ts'

/** The requests that store something. */
type WriteKind = 'send' | 'edit' | 'del' | 'react' | 'topic'

export type Write = {
  readonly [Kind in WriteKind]: { readonly t: Kind; readonly fields: Fields<Kind> }
}[WriteKind]

/** A write that waits. */
export type Pending = Write & {
  /** The id of the author: another user who signs in here does not send it. */
  readonly user: string
  /** The time of writing, in milliseconds since 1970. */
  readonly ts: number
  readonly state: 'queued' | 'stored' | 'failed'
  /** Why it failed, in a sentence. */
  readonly why?: string
}

export interface OutboxOptions {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>
  /**
   * Undefined without TLS: then the writes of other tabs are taken over at the start, and the cid
   * prevents duplicates.
   */
  readonly locks: Pick<LockManager, 'request'> | undefined
  readonly clock: Clock
  /** Names this tab's part of the storage. */
  readonly name: string
  /** Resolves when it is stored, at `seq`; rejects as `Connection.request` does. */
  send(write: Write): Promise<{ readonly seq: number }>
  /** Whether it can be sent now. */
  isReady(pending: Pending): boolean
  changed(): void
}

/** The chat takes nothing for a room before `until`, in milliseconds since 1970. */
export interface Hold {
  readonly until: number
  /** The chat's reason. */
  readonly why: string
}

const PREFIX = 'chat.outbox.'
/** Further writes are refused, because the storage is limited. */
const MOST = 200

export class Outbox {
  readonly #options: OutboxOptions
  #items: readonly Pending[] = []
  #isSending = false
  readonly #holds = new Map<string, Hold & { cancel(): void }>()

  constructor(options: OutboxOptions) {
    this.#options = options
    const { locks, name } = options
    // Held for as long as the tab lives: a tab that gets the lock knows that the holder is closed.
    void locks?.request(PREFIX + name, () => new Promise(() => undefined))
    this.adopt()
  }

  /** In the order in which they were written. */
  get items(): readonly Pending[] {
    return this.#items
  }

  /** Throws a RangeError when too much waits already. */
  add(write: Write, user: string): void {
    if (this.#items.length >= MOST) throw new RangeError(`${MOST} messages wait to be sent already.`)
    this.#set([...this.#items, { ...write, user, ts: this.#options.clock.now(), state: 'queued' }])
    this.flush()
  }

  /** Tries a failed one again, with the same cid. */
  retry(cid: string): void {
    this.#update(cid, { state: 'queued' })
    this.flush()
  }

  discard(cid: string): void {
    this.#set(this.#items.filter(item => cidOf(item) !== cid))
  }

  /** The entry has been received and replaces the pending message. */
  arrived(cid: string): void {
    if (this.#items.some(item => cidOf(item) === cid)) this.discard(cid)
  }

  /** Sends the writes that can be sent. Call it when that may have changed. */
  flush(): void {
    if (this.#isSending) return
    const next = this.#items.find(
      item => item.state === 'queued' && !this.#holds.has(item.fields.room) && this.#options.isReady(item),
    )
    if (next === undefined) return
    this.#isSending = true
    void this.#send(next).then(isAnswered => {
      this.#isSending = false
      // Without an answer the connection is lost: the next one flushes.
      if (isAnswered) this.flush()
    })
  }

  /** Until when messages of a room wait because the chat has asked for it. */
  holdOf(room: string): Hold | undefined {
    return this.#holds.get(room)
  }

  /** Retries the writes of a room now, because the reason for the wait may have ended. */
  release(room: string): void {
    this.#holds.get(room)?.cancel()
    this.#holds.delete(room)
    this.flush()
  }

  /**
   * Takes over the writes of closed tabs. Called again when another tab has written to the storage.
   */
  adopt(): void {
    const { storage, locks, name } = this.#options
    const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i)!)
    for (const key of keys.filter(each => each.startsWith(PREFIX) && each !== PREFIX + name)) {
      if (locks === undefined) this.#takeOver(key)
      else void locks.request(key, () => this.#takeOver(key))
    }
  }

  /** Whether the chat has answered. */
  async #send(item: Pending): Promise<boolean> {
    try {
      await this.#options.send(item)
      this.#update(cidOf(item), { state: 'stored' })
      // A message stays until its entry is here; of other writes nothing is shown.
      if (item.t !== 'send') this.arrived(cidOf(item))
    } catch (error) {
      if (error instanceof Disconnected) return false
      if (error instanceof RequestError && error.retry !== undefined)
        this.#hold(item.fields.room, error.retry, error.message)
      else this.#update(cidOf(item), { state: 'failed', why: inWords(error) })
    }
    return true
  }

  #hold(room: string, ms: number, why: string): void {
    const { clock, changed } = this.#options
    const cancel = clock.after(ms, () => this.release(room))
    this.#holds.set(room, { until: clock.now() + ms, why, cancel })
    changed()
  }

  #takeOver(key: string): void {
    const { storage, name } = this.#options
    const known = new Set(this.#items.map(cidOf))
    const items = readItems(storage.getItem(key)).filter(item => !known.has(cidOf(item)))
    // First written here, then removed there: if the tab dies between, the cid keeps it from being
    // stored twice.
    if (items.length > 0) this.#set([...items, ...this.#items])
    if (key !== PREFIX + name) storage.removeItem(key)
    this.flush()
  }

  #update(cid: string, more: Pick<Pending, 'state' | 'why'>): void {
    this.#set(
      this.#items.map(item => {
        if (cidOf(item) !== cid) return item
        const { why: _, ...rest } = item
        return { ...rest, ...more } as Pending
      }),
    )
  }

  #set(items: readonly Pending[]): void {
    const { storage, name, changed } = this.#options
    this.#items = items
    const kept = items.filter(({ state }) => state !== 'stored')
    try {
      if (kept.length === 0) storage.removeItem(PREFIX + name)
      else storage.setItem(PREFIX + name, JSON.stringify(kept))
    } catch {
      // The storage is full or forbidden: then it does not survive a reload, and is sent all the
      // same.
    }
    changed()
  }
}

function cidOf({ fields }: Write): string {
  return fields.cid
}

/** 128 random bits. */
export function makeCid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Any script of this origin may have written there: invalid writes are ignored. */
function readItems(text: string | null): Pending[] {
  try {
    const items: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(items) ? items.filter(isPending) : []
  } catch {
    return []
  }
}

function isPending(item: unknown): item is Pending {
  const { t, user, ts, state, fields } = (item ?? {}) as Partial<Pending>
  return (
    ['send', 'edit', 'del', 'react', 'topic'].includes(String(t)) &&
    typeof user === 'string' &&
    typeof ts === 'number' &&
    (state === 'queued' || state === 'failed') &&
    typeof fields?.cid === 'string' &&
    typeof fields.room === 'string' &&
    (t !== 'send' || ('body' in fields && typeof fields.body === 'string'))
  )
}
