// The store, the rooms and the connected users of one chat process, put together.

import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Rate } from '@ws/server'
import { PasswordQueue } from '../accounts/password-queue.ts'
import type { Client } from '../connections/client.ts'
import { ConnectedUsers } from '../connections/connected-users.ts'
import { refreshUser } from '../connections/refresh-user.ts'
import type { Context } from '../context/context.ts'
import { addressWritesFor, LIMITS, type Limits } from '../context/limits.ts'
import { type ChatOptions, TIMES, type Times, WRITE_RATE } from '../context/options.ts'
import { Counts } from '../context/stats.ts'
import { within } from '../engine/deadline.ts'
import { type Engine, type PublishOptions, Unavailable } from '../engine/engine.ts'
import { LocalAllowances } from '../engine/local-allowances.ts'
import { type Listener, Sequencer } from '../engine/stream/sequencer.ts'
import type { Draft, Entry, Json, Position } from '../log/entry.ts'
import { expelledBy, type Guard, patchOf } from '../log/room-state.ts'
import type { Log } from '../logging/log.ts'
import { AddressBans } from '../policy/address-bans.ts'
import { Searches } from '../policy/search-queue.ts'
import { Directory } from '../rooms/directory.ts'
import type { Room } from '../rooms/room.ts'
import { Rooms } from '../rooms/rooms.ts'
import { UnusedRooms } from '../rooms/unused-rooms.ts'
import { nameKey } from '../text/name-key.ts'
import { LOBBY } from '../wire/constants.ts'

export class Hub implements Context, Listener {
  readonly engine: Engine
  readonly auth: 'guest' | 'register'
  readonly admins: ReadonlySet<string>
  readonly writeRate: Rate
  readonly limits: Limits
  readonly times: Times
  readonly log: Log
  readonly now: () => number
  readonly counts = new Counts()
  readonly users = new ConnectedUsers<Client>()
  readonly directory: Directory
  readonly searches: Searches
  readonly allowances = new LocalAllowances(() => performance.now())
  readonly passwords = new PasswordQueue()
  readonly addressBans = new AddressBans(this)
  readonly rooms: Rooms
  readonly #sequencer: Sequencer
  readonly #publishing = new Set<Promise<unknown>>()
  readonly #timers: NodeJS.Timeout[] = []
  #hasStarted = false
  #isUp = false
  /** The lobby is known to be in the store, since it came up. */
  #hasLobby = false
  #lobby: Room | undefined
  #isClosing = false

  constructor(options: ChatOptions) {
    this.engine = options.engine
    this.auth = options.auth
    this.admins = new Set((options.admins ?? []).map(nameKey))
    this.writeRate = options.writeRate ?? WRITE_RATE
    this.limits = { ...LIMITS, addressWrites: addressWritesFor(this.writeRate), ...options.limits }
    this.times = { ...TIMES, ...options.times }
    this.log = options.log ?? (() => {})
    this.now = options.now ?? Date.now
    this.directory = new Directory(this)
    this.searches = new Searches(this.times.search)
    this.#sequencer = new Sequencer(this.engine, this)
    this.rooms = new Rooms(
      this,
      {
        users: this.users,
        accountChanged: user => this.attempt(refreshUser(user, this.users, this)),
      },
      this.#sequencer,
    )
  }

  // ── its life ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Starts the engine and opens the lobby, now or as soon as the store is available. Rejects if the
   * store cannot be opened at all.
   */
  async start(): Promise<void> {
    await this.#sequencer.start()
    this.#hasStarted = true
    if (this.#isUp) await this.#openLobby()
    this.#every(this.times.beat, () => {
      for (const room of this.rooms) room.presence.beat()
    })
    const unusedRooms = new UnusedRooms(this)
    this.#every(this.times.sweep, () => {
      this.attempt(this.engine.accounts.sweep(this.now()))
      this.attempt(unusedRooms.sweep())
    })
  }

  #every(milliseconds: number, run: () => void): void {
    this.#timers.push(setInterval(run, milliseconds).unref())
  }

  /** Whether its engine is up with a lobby in it, and it does not close. */
  get isReady(): boolean {
    return this.#isUp && this.#hasLobby && !this.#isClosing
  }

  /**
   * The lobby always exists and is always subscribed: a user who is removed from it is removed from
   * the chat, on all nodes.
   */
  async #openLobby(): Promise<void> {
    await this.ask(this.engine.createRoom(LOBBY))
    this.#lobby ??= await this.rooms.hold(LOBBY)
    this.#hasLobby = true
  }

  async #openLobbyAgain(): Promise<void> {
    while (this.#isUp && !this.#isClosing && !this.#hasLobby) {
      try {
        await this.#openLobby()
      } catch (error) {
        this.log('warn', 'lobby-failed', { error: String(error) })
        await pause(this.times.retry, undefined, { ref: false })
      }
    }
  }

  get pending(): number {
    return this.#publishing.size
  }

  /**
   * Accepts no more writes. Resolves when those in progress are stored, or have timed out, and have
   * been answered.
   */
  async finish(): Promise<void> {
    this.#isClosing = true
    await Promise.allSettled(this.#publishing)
    // From there to the reply nothing waits for anything but promises.
    await nextTurn()
  }

  /** Ends the engine, and all timers. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const timer of this.#timers) clearInterval(timer)
    this.rooms.close()
    this.#sequencer.close()
    await this.engine[Symbol.asyncDispose]()
  }

  // ── to the store ──────────────────────────────────────────────────────────────────────────────────────────────────────

  ask<Value>(work: Promise<Value>): Promise<Value> {
    return within(this.times.engine, work)
  }

  attempt(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.log('debug', 'store-failed', { error: String(error) }))
  }

  /**
   * Throws the restriction of a guard that is in force, as far as this process knows. Call it right
   * before the effect.
   */
  check(guard: Guard): void {
    const forbidden = this.rooms.forbidden(guard)
    if (forbidden !== undefined) throw forbidden
  }

  /**
   * Stores an entry, unless something of the guard is in force in the store. Rejects with
   * `Forbidden`, and with `Unavailable`, at once while the store is away or the chat closes.
   */
  async publish(
    room: string,
    draft: Draft,
    guard: Guard,
  ): Promise<{ readonly entry: Entry; readonly dup: boolean }> {
    if (!this.isReady) throw new Unavailable('the store is unavailable, or the chat is stopping')
    const start = performance.now()
    const work = this.ask(
      this.engine.publish(room, draft, { guard, ...consequencesOf(room, draft, this.now()) }),
    )
    this.#publishing.add(work)
    try {
      const published = await work
      if (published.dup) this.counts.add('duplicates')
      else this.counts.published(draft.kind, performance.now() - start)
      return published
    } finally {
      this.#publishing.delete(work)
    }
  }

  // ── from the store ────────────────────────────────────────────────────────────────────────────────────────────────────

  entry(entry: Entry): void {
    this.rooms.entry(entry)
  }

  removed(room: string): void {
    this.rooms.removed(room)
  }

  reset(room: string, position: Position): void {
    this.log('warn', 'log-reset', { room, epoch: position.epoch, seq: position.seq })
    this.rooms.reset(room, position)
  }

  signal(room: string, event: Json): void {
    this.rooms.signal(room, event)
  }

  state(state: 'up' | 'down', cause?: Error): void {
    this.#isUp = state === 'up'
    if (!this.#isUp) this.#hasLobby = false
    this.log(this.#isUp ? 'info' : 'error', this.#isUp ? 'store-ready' : 'store-down', {
      engine: this.engine.name,
      cause: cause?.message,
    })
    if (this.#isUp && this.#hasStarted) void this.#openLobbyAgain()
  }
}

/** The changes that are stored with an entry. Removal from the lobby ends all memberships. */
function consequencesOf(room: string, draft: Draft, now: number): PublishOptions {
  const patch = patchOf(draft, now)
  const user = expelledBy(draft)
  return {
    ...(patch !== undefined && { patch }),
    ...(user !== undefined && { expels: { user: user.id, from: room === LOBBY ? 'all rooms' : 'room' } }),
  }
}
