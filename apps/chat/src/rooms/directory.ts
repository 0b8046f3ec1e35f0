// Public facts of rooms: of one, or of all. The list of all rooms is read at most once a second.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context } from '../context/context.ts'
import { PAGE_SIZE } from '../context/options.ts'
import type { StoredRoom } from '../engine/engine.ts'
import { readRoomState } from '../log/room-state.ts'
import { textOrder } from '../text/text-order.ts'
import { MAX_PAGE, MAX_ROOMS_MADE } from '../wire/constants.ts'
import type { Replies, RoomInfo } from '../wire/messages.ts'

type Store = Pick<Context, 'engine' | 'ask' | 'times'>

/** Rooms that are read between two turns of the event loop. */
const READ_AT_ONCE = 16

/** A list of all rooms is kept for this multiple of the time that it took to read. */
const KEPT_FOR = 20

/** A room, and the characters of its description. */
interface Listed {
  readonly info: RoomInfo
  readonly size: number
}

export class Directory {
  readonly #context: Store
  #all: Promise<readonly Listed[]> | undefined
  #goodUntil = Number.NEGATIVE_INFINITY

  constructor(context: Store) {
    this.#context = context
  }

  /**
   * The current description of a room; undefined if it does not exist. `read`: the read position of
   * the caller.
   */
  async room(name: string, read: number): Promise<RoomInfo | undefined> {
    const { engine } = this.#context
    const [stored, { count }] = await this.#context.ask(
      Promise.all([engine.room(name), engine.presence.members(name, 1)]),
    )
    return stored && describe(name, stored, read, count)
  }

  /**
   * The descriptions of existing rooms among those in `read`, which has the read position of each.
   * Yields to the event loop in between.
   */
  async some(read: ReadonlyMap<string, number>): Promise<readonly RoomInfo[]> {
    const names = [...read]
    const found: RoomInfo[] = []
    for (let at = 0; at < names.length; at += READ_AT_ONCE) {
      if (at > 0) await nextTurn()
      const some = names.slice(at, at + READ_AT_ONCE)
      const rooms = await Promise.all(some.map(([name, seq]) => this.room(name, seq)))
      found.push(...rooms.filter(room => room !== undefined))
    }
    return found
  }

  /**
   * At most `limit` of all rooms by their names, after one of them, as they were a moment ago.
   * `next`: there are more.
   */
  async page(
    after: string | undefined,
    limit = MAX_PAGE,
    read: ReadonlyMap<string, number> = new Map(),
  ): Promise<Replies['rooms']> {
    const all = await this.#list()
    const start = after === undefined ? 0 : placeAfter(all, after)
    let end = start
    for (let size = 0; end < all.length && end < start + limit && size < PAGE_SIZE; end++)
      size += all[end]!.size
    const rooms = all.slice(start, end).map(({ info }) => ({ ...info, read: read.get(info.room) ?? 0 }))
    return { rooms, ...(end < all.length && rooms.length > 0 && { next: rooms.at(-1)!.room }) }
  }

  async #list(): Promise<readonly Listed[]> {
    if (this.#all === undefined || performance.now() >= this.#goodUntil) {
      this.#goodUntil = Number.POSITIVE_INFINITY
      this.#all = this.#readAll()
      this.#all.catch(() => {
        this.#all = undefined
      })
    }
    return this.#all
  }

  /** A list that takes long to read is kept longer. */
  async #readAll(): Promise<readonly Listed[]> {
    const start = performance.now()
    const names = await this.#context.ask(this.#context.engine.rooms(MAX_ROOMS_MADE + 1))
    const rooms = await this.some(new Map(names.map(name => [name, 0])))
    const duration = performance.now() - start
    this.#goodUntil = start + Math.max(this.#context.times.directory, duration * KEPT_FOR)
    return rooms.map(info => ({ info, size: JSON.stringify(info).length }))
  }
}

/** The index of the first room after a name. */
function placeAfter(rooms: readonly Listed[], name: string): number {
  let low = 0
  let high = rooms.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (textOrder(rooms[middle]!.info.room, name) > 0) high = middle
    else low = middle + 1
  }
  return low
}

function describe(room: string, stored: StoredRoom, read: number, members: number): RoomInfo {
  const { epoch, seq: top, oldest, state } = stored
  const { topic, owner } = readRoomState(state)
  return { room, topic, epoch, top, oldest, read, members, ...(owner !== undefined && { owner }) }
}
