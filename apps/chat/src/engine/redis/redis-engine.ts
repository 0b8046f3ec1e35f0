// The engine of any number of nodes that keep everything in one Redis.

import { makeId } from '../../accounts/token.ts'
import type { Draft, Entry, Json, Position } from '../../log/entry.ts'
import type {
  Engine,
  EngineOptions,
  HistoryQuery,
  Page,
  PublishOptions,
  SearchQuery,
  SearchResult,
  Sink,
  StoredRoom,
} from '../engine.ts'
import { makeEpoch } from '../epoch.ts'
import { checkKeep } from '../keep.ts'
import { ACCOUNT_SCRIPTS } from './account-scripts.ts'
import { RedisAccounts } from './accounts.ts'
import type { RedisAddress } from './address.ts'
import { ALLOWANCE_SCRIPTS, RedisAllowances } from './allowances.ts'
import { readChannelMessage, signalMessage } from './channel-message.ts'
import type { Connection } from './connection.ts'
import { channelPrefix, REMOVED, ROOM, ROOMS, SERVER } from './keys.ts'
import { type Ask, Link } from './link.ts'
import { PRESENCE_SCRIPTS, RedisPresence } from './presence.ts'
import { OPEN, RESTORE, ROOM_SCRIPTS } from './room-scripts.ts'
import { RedisRooms } from './rooms.ts'
import { call, loadScripts } from './script.ts'
import { search } from './search.ts'
import { readServer } from './server.ts'

const SCRIPTS = [...ROOM_SCRIPTS, ...ACCOUNT_SCRIPTS, ...PRESENCE_SCRIPTS, ...ALLOWANCE_SCRIPTS]

/** Most rooms of a search that names none. */
const MOST_ROOMS = 10_000

export interface RedisEngineOptions extends EngineOptions {
  /** Receives warnings for the operator of the Redis, each once. */
  readonly warn?: (warning: string) => void
}

/** An {@link Engine} for several processes on several machines. */
export class RedisEngine implements Engine {
  readonly name = 'redis'
  readonly presence: RedisPresence
  readonly accounts: RedisAccounts
  readonly allowances: RedisAllowances
  readonly #link: Link
  readonly #rooms: RedisRooms
  readonly #prefix: string
  readonly #warn: (warning: string) => void
  readonly #warnings = new Set<string>()
  /** Subscribed rooms, and how far this node knows their logs to reach. */
  readonly #reached = new Map<string, Position | undefined>()
  /**
   * Of subscribed rooms, the epoch of the last log that was removed: replies that were on their way
   * then still tell of it.
   */
  readonly #removed = new Map<string, string>()
  #sink: Sink | undefined

  constructor(address: RedisAddress, options: RedisEngineOptions = {}) {
    const { keep = Number.POSITIVE_INFINITY, now = Date.now, warn = () => {} } = options
    this.#warn = warn
    this.#prefix = channelPrefix(address.database)
    this.#link = new Link(address, {
      prepare: (ask, connection) => this.#prepare(ask, connection),
      message: (channel, message) => this.#heard(channel, message),
      state: (state, cause) => {
        this.#sink?.state(state, cause)
        // It is tried again when the store is up again.
        if (state === 'up') this.accounts.writeLooks().catch(() => {})
      },
    })
    const { ask } = this.#link
    this.#rooms = new RedisRooms(ask, { channel: room => this.#prefix + room, keep: checkKeep(keep), now })
    this.presence = new RedisPresence(ask, makeId(), now)
    this.accounts = new RedisAccounts(ask, now)
    this.allowances = new RedisAllowances(ask, now)
  }

  /**
   * Resolves where Redis is away, too. Rejects with an `Error` of one line where it will never do:
   * no library, a wrong password …
   */
  async start(sink: Sink): Promise<void> {
    this.#sink = sink
    await this.#link.start()
  }

  createRoom(room: string): Promise<boolean> {
    return this.#rooms.create(room)
  }

  removeRoom(room: string, end?: Position): Promise<boolean> {
    return this.#rooms.remove(room, end)
  }

  room(room: string): Promise<StoredRoom | undefined> {
    return this.#rooms.read(room)
  }

  rooms(limit: number, after = ''): Promise<readonly string[]> {
    return this.#rooms.names(limit, after)
  }

  async tops(rooms: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    const known = new Map(this.#reached)
    const tops = await this.#rooms.tops(rooms)
    for (const room of rooms) this.#compare(room, known.get(room), tops.get(room))
    return tops
  }

  async subscribe(room: string): Promise<void> {
    await this.#link.subscribe(this.#prefix + room)
    if (!this.#reached.has(room)) this.#reached.set(room, undefined)
  }

  async unsubscribe(room: string): Promise<void> {
    this.#reached.delete(room)
    this.#removed.delete(room)
    await this.#link.unsubscribe(this.#prefix + room)
  }

  async publish(
    room: string,
    draft: Draft,
    options: PublishOptions = {},
  ): Promise<{ readonly entry: Entry; readonly dup: boolean }> {
    const published = await this.#rooms.publish(room, draft, options)
    this.#reach(published.entry)
    return published
  }

  history(room: string, query: HistoryQuery): Promise<Page> {
    return this.#rooms.history(room, query)
  }

  entry(room: string, seq: number): Promise<Entry | undefined> {
    return this.#rooms.entry(room, seq)
  }

  search(query: SearchQuery): Promise<SearchResult> {
    return search(this.#rooms, query, () => this.rooms(MOST_ROOMS))
  }

  signal(room: string, event: Json): void {
    this.#link.ask(['PUBLISH', this.#prefix + room, signalMessage(event)]).catch(() => {})
  }

  /** Earlier publishes are still stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#sink = undefined
    this.#reached.clear()
    this.#removed.clear()
    await this.#link.close()
  }

  // ── a new connection ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Runs first on each connection: checks whether this is the same Redis, and whether it has
   * everything that this node knows.
   */
  async #prepare(ask: Ask, connection: Connection): Promise<void> {
    const { run, keepsAll, wasReplica, warnings } = await readServer(ask)
    await loadScripts(ask, SCRIPTS)
    await call(ask, OPEN, [SERVER, ROOMS], [run, Number(keepsAll), Number(wasReplica), makeEpoch(), ROOM])
    const rooms = [...this.#reached]
    await connection.subscribe(rooms.map(([room]) => this.#prefix + room))
    const known = rooms.flatMap(([room, place]) => (place ? [room, place.epoch, place.seq] : []))
    const removed = await call(ask, RESTORE, [ROOMS, REMOVED], [makeEpoch(), ROOM, this.#prefix, ...known])
    for (const [room, place] of rooms)
      if (place && (removed as readonly string[]).includes(place.epoch)) this.#forget(room, place.epoch)
    for (const warning of warnings) this.#tell(warning)
  }

  #tell(warning: string): void {
    if (this.#warnings.has(warning)) return
    this.#warnings.add(warning)
    this.#warn(warning)
  }

  // ── what this node knows of the logs ──────────────────────────────────────────────────────────────────────────────────

  #reach({ room, epoch, seq }: Position & { readonly room: string }): void {
    if (!this.#reached.has(room) || this.#removed.get(room) === epoch) return
    const known = this.#reached.get(room)
    if (known?.epoch !== epoch || known.seq < seq) this.#reached.set(room, { epoch, seq })
  }

  /** A log was removed: its entries are not missing. */
  #forget(room: string, epoch: string): void {
    this.#removed.set(room, epoch)
    if (this.#reached.get(room)?.epoch === epoch) this.#reached.set(room, undefined)
    this.#sink?.removed(room, epoch)
  }

  /**
   * `known` before the store was asked. A log that ends earlier, or is not there, has lost
   * something: `prepare` makes another of it.
   */
  #compare(room: string, known: Position | undefined, top: Position | undefined): void {
    if (top !== undefined) this.#reach({ room, ...top })
    if (known === undefined || this.#removed.get(room) === known.epoch) return
    if (top !== undefined && (top.epoch !== known.epoch || top.seq >= known.seq)) return
    if (this.#reached.has(room)) this.#link.renew(new Error(`Redis has lost entries of ${room}`))
  }

  #heard(channel: string, message: string): void {
    const room = channel.slice(this.#prefix.length)
    const ring = this.#reached.has(room) ? readChannelMessage(room, message) : undefined
    if (ring?.kind === 'entry') {
      this.#reach(ring.entry)
      this.#sink?.entry(ring.entry)
    } else if (ring?.kind === 'signal') this.#sink?.signal(room, ring.event)
    else if (ring?.kind === 'removed') this.#forget(room, ring.epoch)
    else if (ring?.kind === 'look') this.#sink?.lost()
  }
}
