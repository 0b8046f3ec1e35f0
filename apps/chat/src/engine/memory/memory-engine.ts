// The engine that keeps everything in memory: for tests, for trying out, and as the reference for
// the other engines.

import type { Draft, Entry, Json, Position } from '../../log/entry.ts'
import type { Guard } from '../../log/room-state.ts'
import { textOrder } from '../../text/text-order.ts'
import {
  type Engine,
  type EngineOptions,
  type Forbidden,
  type HistoryQuery,
  NoSuchRoom,
  type Page,
  type PublishOptions,
  type SearchQuery,
  type SearchResult,
  type Sink,
  type StoredRoom,
  Unavailable,
} from '../engine.ts'
import { findForbidden } from '../guard.ts'
import { checkKeep } from '../keep.ts'
import { LocalAllowances } from '../local-allowances.ts'
import { LocalPresence } from '../local-presence.ts'
import { checkLimit } from '../range.ts'
import { scan } from '../search/scan.ts'
import { MemoryAccounts } from './accounts.ts'
import { MemoryRoom } from './room.ts'

/** An {@link Engine} for one process, without a disk. */
export class MemoryEngine implements Engine {
  readonly name = 'memory'
  readonly presence: LocalPresence
  readonly accounts: MemoryAccounts
  readonly allowances: LocalAllowances
  readonly #now: () => number
  readonly #keep: number
  readonly #rooms = new Map<string, MemoryRoom>()
  readonly #subscribed = new Set<string>()
  #sink: Sink | undefined
  #lastId = 0

  constructor({ keep = Number.POSITIVE_INFINITY, now = Date.now }: EngineOptions = {}) {
    this.#keep = checkKeep(keep)
    this.#now = now
    this.presence = new LocalPresence(now)
    this.accounts = new MemoryAccounts(now, guard => this.#forbidden(guard))
    this.allowances = new LocalAllowances(now)
  }

  async start(sink: Sink): Promise<void> {
    this.#sink = sink
    sink.state('up')
  }

  async createRoom(room: string): Promise<boolean> {
    const rooms = this.#open()
    if (rooms.has(room)) return false
    rooms.set(room, new MemoryRoom(room, this.#keep))
    return true
  }

  async removeRoom(room: string, end?: Position): Promise<boolean> {
    const rooms = this.#open()
    const { epoch, seq } = rooms.get(room)?.position ?? {}
    if (epoch === undefined || (end !== undefined && (end.epoch !== epoch || end.seq !== seq))) return false
    rooms.delete(room)
    this.accounts.forgetRoom(room)
    if (this.#subscribed.has(room)) this.#sink?.removed(room, epoch)
    return true
  }

  async room(room: string): Promise<StoredRoom | undefined> {
    return this.#open().get(room)?.read()
  }

  async rooms(limit: number, after = ''): Promise<readonly string[]> {
    const names = [...this.#open().keys()].filter(name => textOrder(name, after) > 0)
    return names.sort(textOrder).slice(0, limit)
  }

  async tops(rooms: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    const known = this.#open()
    return new Map(
      rooms.flatMap(name => {
        const room = known.get(name)
        return room ? [[name, room.position]] : []
      }),
    )
  }

  async subscribe(room: string): Promise<void> {
    this.#open()
    this.#subscribed.add(room)
  }

  async unsubscribe(room: string): Promise<void> {
    this.#open()
    this.#subscribed.delete(room)
  }

  async publish(
    room: string,
    draft: Draft,
    { patch = {}, guard = [], expels }: PublishOptions = {},
  ): Promise<{ readonly entry: Entry; readonly dup: boolean }> {
    const found = this.#find(room)
    const first = found.find(draft)
    if (first !== undefined) return { entry: first, dup: true }
    const forbidden = this.#forbidden(guard)
    if (forbidden !== undefined) throw forbidden
    const entry = found.append(draft, patch, { id: ++this.#lastId, ts: this.#now() })
    if (expels !== undefined)
      this.accounts.endMembership(expels.user, expels.from === 'room' ? room : undefined)
    if (this.#subscribed.has(room)) this.#sink?.entry(entry)
    return { entry, dup: false }
  }

  async history(room: string, query: HistoryQuery): Promise<Page> {
    checkLimit(query.limit)
    return this.#find(room).history(query)
  }

  async entry(room: string, seq: number): Promise<Entry | undefined> {
    return this.#open().get(room)?.entry(seq)
  }

  async search(query: SearchQuery): Promise<SearchResult> {
    const { rooms, except = [], before = Number.POSITIVE_INFINITY } = query
    const among = new Set(rooms ?? this.#open().keys())
    for (const name of except) among.delete(name)
    const known = this.#open()
    return scan(
      Array.from(among).flatMap(name => known.get(name)?.backward(before) ?? []),
      query,
    )
  }

  signal(room: string, event: Json): void {
    if (this.#subscribed.has(room)) this.#sink?.signal(room, event)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sink = undefined
    this.#subscribed.clear()
    this.presence.close()
    this.accounts.close()
    this.allowances.close()
  }

  #open(): Map<string, MemoryRoom> {
    if (this.#sink === undefined) throw new Unavailable('the store is closed')
    return this.#rooms
  }

  #forbidden(guard: Guard): Forbidden | undefined {
    return findForbidden(guard, ({ room, key }) => this.#rooms.get(room)?.valueOf(key), this.#now())
  }

  #find(name: string): MemoryRoom {
    const room = this.#open().get(name)
    if (room === undefined) throw new NoSuchRoom(`there is no room ${JSON.stringify(name)}`)
    return room
  }
}
