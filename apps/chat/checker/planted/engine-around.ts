// Wraps an engine and replaces some of its behavior: the basis of planted bugs.

import type {
  Accounts,
  Allowances,
  Engine,
  HistoryQuery,
  Page,
  Presence,
  PublishOptions,
  SearchQuery,
  Sink,
  StoredRoom,
} from '@ws/chat/src/engine/engine'
import type { Draft, Entry, Json, Position } from '@ws/chat/src/log/entry'

/** The result of `publish`. */
export interface Published {
  readonly entry: Entry
  readonly dup: boolean
}

export class EngineAround implements Engine {
  readonly name: string
  readonly inner: Engine

  constructor(inner: Engine) {
    this.inner = inner
    this.name = inner.name
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

  start(sink: Sink): Promise<void> {
    return this.inner.start(sink)
  }

  createRoom(room: string): Promise<boolean> {
    return this.inner.createRoom(room)
  }

  removeRoom(room: string, end?: Position): Promise<boolean> {
    return this.inner.removeRoom(room, end)
  }

  room(room: string): Promise<StoredRoom | undefined> {
    return this.inner.room(room)
  }

  rooms(limit: number, after?: string): Promise<readonly string[]> {
    return this.inner.rooms(limit, after)
  }

  tops(rooms: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    return this.inner.tops(rooms)
  }

  subscribe(room: string): Promise<void> {
    return this.inner.subscribe(room)
  }

  unsubscribe(room: string): Promise<void> {
    return this.inner.unsubscribe(room)
  }

  publish(room: string, draft: Draft, options?: PublishOptions): Promise<Published> {
    return this.inner.publish(room, draft, options)
  }

  history(room: string, query: HistoryQuery): Promise<Page> {
    return this.inner.history(room, query)
  }

  entry(room: string, seq: number): Promise<Entry | undefined> {
    return this.inner.entry(room, seq)
  }

  search(query: SearchQuery): ReturnType<Engine['search']> {
    return this.inner.search(query)
  }

  signal(room: string, event: Json): void {
    this.inner.signal(room, event)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.inner[Symbol.asyncDispose]()
  }
}
