// A room on this node while a user is in it: its restrictions, its followers, and the messages for
// them.

import { type PreparedMessage, prepare } from '@ws/server'
import type { Context } from '../context/context.ts'
import { PAGE_SIZE } from '../context/options.ts'
import type { Forbidden, Page, StoredRoom } from '../engine/engine.ts'
import type { Entry, EntryData, Json, Position } from '../log/entry.ts'
import { expelledBy, type Guard, patchOf, type RoomState, readRoomState } from '../log/room-state.ts'
import { entranceGuard, refusalFor } from '../policy/permissions.ts'
import { SlowMode } from '../policy/slow-mode.ts'
import { CloseCode, LOBBY, MAX_PAGE } from '../wire/constants.ts'
import type { Push } from '../wire/messages.ts'
import { wireEntry } from '../wire/wire-entry.ts'
import type { Follower } from './follower.ts'
import type { Receiver } from './receiver.ts'
import { Recent } from './recent-writes.ts'
import { RoomPresence } from './room-presence.ts'
import type { RoomSignal } from './room-signal.ts'
import { Typing } from './typing.ts'

/** The rest of the chat, as a room sees it. */
export interface RoomHost {
  /** The connections of all users of this process. */
  readonly users: Iterable<Receiver> & { of(user: string): Iterable<Receiver> }
  /** The restriction of a guard that is in force, as far as this process knows. */
  forbidden(guard: Guard): Forbidden | undefined
  /** Ends the presence of a user in all rooms. */
  endPresence(user: string): void
  /** The account of a user has changed. */
  accountChanged(user: string): void
  /** No user is in the room, and no request holds it. */
  emptied(room: Room): void
}

export class Room {
  readonly name: string
  readonly recent = new Recent()
  readonly slowMode = new SlowMode()
  readonly presence: RoomPresence
  readonly typing: Typing
  readonly #context: Context
  readonly #host: RoomHost
  readonly #followers = new Set<Follower>()
  #head: Position = { epoch: '', seq: 0 }
  /**
   * The end of the log when the store was last asked. Entries before it may not have reached this
   * node yet.
   */
  #top = 0
  #stored = new Map<string, Json>()
  #state: RoomState | undefined
  /** Entries that arrive while the state is read from the store. */
  #meanwhile: Entry[] | undefined
  #holds = 0
  #isRemoved = false
  /** Number of kicks and bans since this node opened the room. */
  readonly #expulsions = new Map<string, number>()

  constructor(context: Context, host: RoomHost, name: string) {
    this.#context = context
    this.#host = host
    this.name = name
    this.presence = new RoomPresence(context, this)
    this.typing = new Typing(context.times, this)
  }

  /** The last entry that its followers have been given. */
  get head(): Position {
    return this.#head
  }

  get top(): number {
    return Math.max(this.#top, this.#head.seq)
  }

  /** Records that the log in the store has reached a position. */
  reaches(top: number): void {
    this.#top = Math.max(this.#top, top)
  }

  /** The restrictions in force, as stored. */
  get stored(): ReadonlyMap<string, Json> {
    return this.#stored
  }

  /** The restrictions in force. */
  get state(): RoomState {
    this.#state ??= readRoomState(this.#stored)
    return this.#state
  }

  get followers(): ReadonlySet<Follower> {
    return this.#followers
  }

  /** The store has removed the room; it cannot be joined. */
  get isRemoved(): boolean {
    return this.#isRemoved
  }

  /** Another number than before means that the user was put out in between. */
  expulsions(user: string): number {
    return this.#expulsions.get(user) ?? 0
  }

  // ── its life ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Reads the state and the last entries from the store. Later entries are passed to `entry`. */
  async open(head: Position): Promise<void> {
    this.#head = head
    await this.#load()
  }

  /** Keeps the room open without followers, until `release`. */
  hold(): void {
    this.#holds++
  }

  release(): void {
    this.#holds--
    this.look()
  }

  /** Closes the room if it is not needed. */
  look(): void {
    if (this.#holds > 0 || this.#followers.size > 0 || !this.presence.isEmpty) return
    this.close()
    this.#host.emptied(this)
  }

  /** Ends its timers. */
  close(): void {
    this.presence.close()
    this.typing.close()
  }

  async #load(): Promise<void> {
    this.#meanwhile = []
    const stored = await this.#context.ask(this.#context.engine.room(this.name))
    const page = await this.#context.ask(
      this.#context.engine.history(this.name, { limit: MAX_PAGE, size: PAGE_SIZE }),
    )
    const meanwhile = this.#meanwhile ?? []
    this.#meanwhile = undefined
    if (stored !== undefined) this.#keep(stored)
    for (const entry of page.entries) this.#remember(entry)
    for (const entry of meanwhile) {
      this.#remember(entry)
      if (stored === undefined || entry.seq > stored.seq) this.#apply(entry)
    }
  }

  #keep({ state, seq }: StoredRoom): void {
    this.#stored = new Map(state)
    this.#state = undefined
    this.#top = seq
  }

  #remember(entry: Entry): void {
    this.recent.add(entry)
    if (entry.kind === 'msg') this.slowMode.sent(entry.user.id, entry.cid, entry.ts)
  }

  #apply(entry: Entry): void {
    const patch = patchOf(entry, entry.ts)
    if (patch === undefined) return
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) this.#stored.delete(key)
      else this.#stored.set(key, value)
    }
    this.#state = undefined
  }

  // ── from the log ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Delivers the next entry. Encoded once for all followers, and once more for its author's. */
  entry(entry: Entry): void {
    this.#head = { epoch: entry.epoch, seq: entry.seq }
    if (this.#meanwhile !== undefined) this.#meanwhile.push(entry)
    else {
      this.#remember(entry)
      this.#apply(entry)
    }
    if (entry.kind === 'msg') this.typing.forget(entry.user.id)
    const forOthers = this.#encode(entry)
    let forAuthor: PreparedMessage | undefined
    for (const follower of this.#followers) {
      if (follower.user === entry.user.id) forAuthor ??= this.#encode(entry, follower.user)
      const message = follower.user === entry.user.id ? forAuthor! : forOthers
      follower.deliver(entry.seq, message)
    }
    if (entry.kind === 'mod') this.#act(entry.data)
  }

  #encode(entry: Entry, reader?: string): PreparedMessage {
    return prepare(JSON.stringify({ t: 'entry', room: this.name, ...wireEntry(entry, reader) }))
  }

  /** It is empty and receives nothing. */
  removed(): void {
    this.#isRemoved = true
    for (const { client } of [...this.#followers]) {
      client.leave(this.name)
      client.say({ t: 'removed', room: this.name })
    }
    this.presence.endAll()
    this.look()
  }

  /** Continuity is lost. */
  reset(position: Position): void {
    this.#head = position
    this.#top = position.seq
    this.recent.clear()
    for (const follower of this.#followers) follower.reset(position)
    void this.#reload()
  }

  async #reload(): Promise<void> {
    try {
      await this.#load()
      this.#enforceBans()
    } catch (error) {
      this.#context.log('warn', 'room-read-failed', { room: this.name, error: String(error) })
      await this.wait()
      if (this.#followers.size > 0) await this.#reload()
    }
  }

  /** The entries of the bans may be among the missed ones. */
  #enforceBans(): void {
    const clients = this.name === LOBBY ? this.#host.users : Array.from(this.#followers, f => f.client)
    for (const client of clients) {
      const { user } = client
      const forbidden = user && this.#host.forbidden(entranceGuard(this.name, user))
      if (forbidden !== undefined)
        this.#expel(user!.id, refusalFor(forbidden, this.#context.now()).message, CloseCode.banned)
    }
  }

  /** The log after a position; undefined where it cannot be read now. */
  async readAfter(seq: number): Promise<Page | undefined> {
    try {
      return await this.#context.ask(
        this.#context.engine.history(this.name, { after: seq, limit: MAX_PAGE, size: PAGE_SIZE }),
      )
    } catch (error) {
      this.#context.log('debug', 'log-read-failed', { room: this.name, error: String(error) })
      return undefined
    }
  }

  /**
   * Until it is worth another look at a log that could not be read, or that is another one than
   * this node knows.
   */
  async wait(): Promise<void> {
    await new Promise<void>(resolve => setTimeout(resolve, this.#context.times.retry).unref())
  }

  countSync(): void {
    this.#context.counts.add('syncs')
  }

  countGap(): void {
    this.#context.counts.add('gaps')
  }

  // ── from other nodes, and this one ────────────────────────────────────────────────────────────────────────────────────

  signal(signal: RoomSignal): void {
    if (signal.t === 'presence') this.presence.touch()
    else if (signal.t === 'typing') this.typing.heard(signal.user, signal.on)
    else if (signal.t === 'account') this.#host.accountChanged(signal.user)
    else {
      const read: Push = { t: 'read', room: this.name, seq: signal.seq }
      for (const client of this.#host.users.of(signal.user)) if (client.id !== signal.conn) client.say(read)
    }
  }

  // ── who is in it ──────────────────────────────────────────────────────────────────────────────────────────────────────

  add(follower: Follower): void {
    this.#followers.add(follower)
  }

  /** With `kept` the user stays present for a while, because they may return soon. */
  remove(follower: Follower, kept: boolean): void {
    if (!this.#followers.delete(follower)) return
    follower.leave()
    this.presence.exit(follower.user, kept)
    this.look()
  }

  /** Sends a message to all live followers; lagging ones do without. */
  broadcast(push: Push, except?: string): void {
    const message = prepare(JSON.stringify(push))
    for (const { isLive, user, client } of this.#followers)
      if (isLive && user !== except) client.push(message)
  }

  #act(data: EntryData['mod']): void {
    const user = expelledBy({ kind: 'mod', data })
    if (user === undefined) return
    const done = data.op === 'kick' ? 'kicked' : 'banned'
    const msg = `You were ${done === 'kicked' ? 'removed' : done} from ${this.name}${data.why ? `: ${data.why}` : ''}`
    this.#expel(user.id, msg, CloseCode[done])
  }

  /** Out of the lobby is out of the chat; out of another room, out of that. */
  #expel(user: string, msg: string, code: number): void {
    this.#expulsions.set(user, this.expulsions(user) + 1)
    if (this.name === LOBBY) {
      for (const client of [...this.#host.users.of(user)]) client.expel(code, msg)
      this.#host.endPresence(user)
      return
    }
    for (const follower of [...this.#followers]) {
      if (follower.user !== user) continue
      follower.client.leave(this.name)
      follower.client.say({ t: 'notice', level: 'warn', msg })
    }
    this.presence.end(user)
  }
}
