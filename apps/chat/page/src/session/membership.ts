// The rooms that the user is in, and the one that is shown.

import { LOBBY } from '../../../src/wire/constants.ts'
import type { OkReply } from '../../../src/wire/messages.ts'
import { type Connection, RequestError } from '../client/connection.ts'
import { inWords, ValidationError } from '../client/error-text.ts'
import type { Outbox } from '../client/outbox.ts'
import { Room } from '../room/room.ts'
import type { HistoryReader } from './history-reader.ts'
import type { ReadMarks } from './read-marks.ts'
import type { State } from './state.ts'

const CURRENT = 'chat.room'

interface MembershipOptions {
  readonly state: State
  readonly connection: Connection
  readonly storage: Storage
  readonly outbox: Pick<Outbox, 'flush'>
  readonly history: HistoryReader
  readonly marks: ReadMarks
  changed(): void
}

export class Membership {
  readonly #options: MembershipOptions

  constructor(options: MembershipOptions) {
    this.#options = options
    const { state, storage } = options
    state.current = storage.getItem(CURRENT) ?? LOBBY
  }

  /** The positions from which a new connection resumes. */
  resume(): Readonly<Record<string, readonly [epoch: string, seq: number]>> {
    const joined = [...this.#options.state.rooms.values()].filter(({ isJoined }) => isJoined)
    return Object.fromEntries(joined.map(({ name, log }) => [name, [log.epoch, log.last] as const]))
  }

  welcomed(reply: OkReply<'hello'>): void {
    const { state } = this.#options
    for (const info of reply.rooms) this.#roomNamed(info.room).update(info)
    const known = new Set(reply.rooms.map(({ room }) => room))
    // It may have been removed in the meantime: the answer to a join tells.
    for (const room of state.rooms.values()) if (!known.has(room.name)) room.isJoined = false
    if (!state.rooms.has(state.current)) state.current = LOBBY
  }

  /** Joins all rooms that `resume` has not joined, the one that is shown first. */
  async joinAll(): Promise<void> {
    const { state, outbox } = this.#options
    const shown = state.room
    const rooms = [...state.rooms.values()].sort(
      (one, other) => Number(other === shown) - Number(one === shown),
    )
    outbox.flush()
    for (const room of rooms) {
      if (room.isLeft) continue
      if (!room.isJoined) await this.#join(room).catch((error: unknown) => this.#notJoined(room, error))
      else if (room === shown) void this.#readMembers(room)
    }
  }

  async #join(room: Room, create = false): Promise<void> {
    const { state, connection, history, marks } = this.#options
    const info = await connection.request('join', { room: room.name, ...(create && { create }) })
    state.rooms.set(room.name, room)
    this.#joined(room, info)
    if (state.room === room) await history.loadOlder()
    else if (info.top > room.unread.upTo && room.unread.upTo > 0) await marks.countUnread(room)
  }

  #notJoined(room: Room, error: unknown): void {
    if (error instanceof RequestError && error.code === 'not_found') this.forget(room)
    else if (error instanceof RequestError) room.outside = inWords(error)
    this.#options.changed()
  }

  #joined(room: Room, info: OkReply<'join'>): void {
    room.update(info)
    room.isLocked = info.locked === true
    room.slow = info.slow ?? 0
    room.members = info.here && new Map(info.here.map(user => [user.id, user]))
    room.log.begin(info.epoch, info.top, info.oldest)
    room.isJoined = true
    room.isLeft = false
    room.outside = ''
    this.#options.outbox.flush()
    this.#options.changed()
  }

  async #readMembers(room: Room): Promise<void> {
    const { members, count } = await this.#options.connection.request('who', { room: room.name })
    room.count = count
    room.members = members.length === count ? new Map(members.map(user => [user.id, user])) : undefined
    this.#options.changed()
  }

  /** Shows another room. */
  show(name: string): void {
    const { state, connection, storage, history, changed } = this.#options
    const room = state.rooms.get(name)
    if (room === undefined) return
    const { room: before, current } = state
    if (before) before.newAfter = undefined
    if (before?.isLeft && name !== current) state.rooms.delete(current)
    state.current = name
    storage.setItem(CURRENT, name)
    const { count, upTo } = room.unread
    room.newAfter = count > 0 && upTo > 0 ? upTo : undefined
    if (room.log.items.length === 0) void history.loadOlder()
    if (connection.state.name === 'open' && room.isJoined) this.#readMembers(room).catch(() => undefined)
    changed()
  }

  /** Joins a room, and creates it if it does not exist. */
  async enter(name: string): Promise<void> {
    if (this.#options.state.rooms.get(name)?.isJoined !== true) await this.#join(new Room(name), true)
    this.show(name)
  }

  /**
   * Leaves the room that is shown, which stays in view. Rejects as `Connection.request` does, and
   * for the lobby with a {@link ValidationError}.
   */
  async leave(): Promise<void> {
    const { room } = this.#options.state
    if (room === undefined) return
    if (room.name === LOBBY) throw new ValidationError("You can't leave the lobby.")
    await this.#options.connection.request('leave', { room: room.name })
    room.isJoined = false
    room.isLeft = true
    room.outside = `You left #${room.name}.`
    room.typing.clear()
    this.#options.changed()
  }

  /** Joins the room that is shown again. */
  async joinAgain(): Promise<void> {
    const { room } = this.#options.state
    if (room === undefined) return
    room.outside = ''
    await this.#join(room).catch((error: unknown) => this.#notJoined(room, error))
  }

  /**
   * Removes a room that the user is no longer in. The lobby stays in the list even for those who
   * may not join it.
   */
  forget(room: Room): void {
    const { state, changed } = this.#options
    room.isJoined = false
    if (room.name !== LOBBY) state.rooms.delete(room.name)
    if (state.current === room.name) this.show(LOBBY)
    changed()
  }

  #roomNamed(name: string): Room {
    const { rooms } = this.#options.state
    const room = rooms.get(name) ?? new Room(name)
    rooms.set(name, room)
    return room
  }
}
