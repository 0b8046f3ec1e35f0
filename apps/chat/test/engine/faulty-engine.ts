// An engine that fails or loses hints on request.

import type {
  Accounts,
  Allowances,
  Engine,
  HistoryQuery,
  Presence,
  PublishOptions,
  SearchQuery,
  Sink,
} from '../../src/engine/engine.ts'
import type { Draft, Entry, Json, Position } from '../../src/log/entry.ts'

/** Called before each operation on rooms. The operation rejects with the error that it throws. */
export type Before = (
  operation: 'subscribe' | 'unsubscribe' | 'publish' | 'history' | 'tops',
) => Promise<void> | void

/** Delivers a hint: each call of `pass` delivers it once. */
export type Hinting = (entry: Entry, pass: (entry: Entry) => void) => void

/** Between an engine and its sink. */
export class FaultyEngine implements Engine {
  readonly name = 'faulty'
  /** May be replaced by another, as a store may be. Both have been given this engine's `sink`. */
  inner: Engine
  before: Before = () => {}
  hinting: Hinting = (entry, pass) => pass(entry)
  /** Rooms that it is subscribed to. */
  readonly subscribed = new Set<string>()
  #sink: Sink | undefined

  constructor(inner: Engine) {
    this.inner = inner
  }

  /** Wraps the sink of the inner engine. */
  readonly sink: Sink = {
    entry: entry => this.hinting(entry, hint => this.#sink?.entry(hint)),
    removed: (room, epoch) => this.#sink?.removed(room, epoch),
    lost: () => this.#sink?.lost(),
    signal: (room, event) => this.#sink?.signal(room, event),
    state: (state, cause) => this.#sink?.state(state, cause),
  }

  get presence(): Presence {
    return this.inner.presence
  }

  get accounts(): Accounts {
    return this.inner.accounts
  }

  get allowances(): Allowances {
    return this.inner.allowances
  }

  async start(sink: Sink): Promise<void> {
    this.#sink = sink
    await this.inner.start(this.sink)
  }

  createRoom(room: string) {
    return this.inner.createRoom(room)
  }

  removeRoom(room: string, end?: Position) {
    return this.inner.removeRoom(room, end)
  }

  room(room: string) {
    return this.inner.room(room)
  }

  rooms(limit: number, after?: string) {
    return this.inner.rooms(limit, after)
  }

  async tops(rooms: readonly string[]) {
    await this.before('tops')
    return this.inner.tops(rooms)
  }

  async subscribe(room: string) {
    await this.before('subscribe')
    await this.inner.subscribe(room)
    this.subscribed.add(room)
  }

  async unsubscribe(room: string) {
    await this.before('unsubscribe')
    await this.inner.unsubscribe(room)
    this.subscribed.delete(room)
  }

  async publish(room: string, draft: Draft, options?: PublishOptions) {
    await this.before('publish')
    return this.inner.publish(room, draft, options)
  }

  async history(room: string, query: HistoryQuery) {
    await this.before('history')
    return this.inner.history(room, query)
  }

  entry(room: string, seq: number) {
    return this.inner.entry(room, seq)
  }

  search(query: SearchQuery) {
    return this.inner.search(query)
  }

  signal(room: string, event: Json) {
    this.inner.signal(room, event)
  }

  async [Symbol.asyncDispose]() {
    await this.inner[Symbol.asyncDispose]()
  }
}

/** Every n-th hint is lost. */
export function dropping(every: number): Hinting {
  let count = 0
  return (entry, pass) => {
    if (++count % every !== 0) pass(entry)
  }
}

/** Every hint is delivered twice, and again after eleven others. */
export function repeating(): Hinting {
  const late: Entry[] = []
  return (entry, pass) => {
    pass(entry)
    pass(entry)
    if (late.push(entry) > 11) pass(late.shift()!)
  }
}

/** Of every five hints the last is delivered first. */
export function reordering(): Hinting {
  const held: Entry[] = []
  return (entry, pass) => {
    if (held.push(entry) === 5) for (const each of held.splice(0).toReversed()) pass(each)
  }
}

/** One fault behind the other. */
export function both(first: Hinting, second: Hinting): Hinting {
  return (entry, pass) => first(entry, hint => second(hint, pass))
}
