// What is known of rooms from outside: of one, or of all, the latter read at most once a second however many ask.

import type { StoredRoom } from '../engine/engine.ts'
import { readRoomState } from '../log/room-state.ts'
import { MAX_ROOMS_MADE } from '../wire/constants.ts'
import type { RoomInfo } from '../wire/messages.ts'
import type { Node } from './node.ts'

/** What it needs of a node. */
type Store = Pick<Node, 'engine' | 'ask' | 'times'>

export class Directory {
  readonly #node: Store
  #all: Promise<readonly RoomInfo[]> | undefined
  #readAt = Number.NEGATIVE_INFINITY

  constructor(node: Store) {
    this.#node = node
  }

  /** One room, read just now; `read`: how far its reader has read it. Undefined where there is no such room. */
  async room(name: string, read: number): Promise<RoomInfo | undefined> {
    const { engine } = this.#node
    const [stored, { count }] = await this.#node.ask(
      Promise.all([engine.room(name), engine.presence.members(name, 1)]),
    )
    return stored && describe(name, stored, read, count)
  }

  /** Those of these rooms that there are. `read` by their names. */
  async some(read: ReadonlyMap<string, number>): Promise<readonly RoomInfo[]> {
    const rooms = await Promise.all(Array.from(read, ([name, seq]) => this.room(name, seq)))
    return rooms.filter(room => room !== undefined)
  }

  /** All rooms, as they were a moment ago. */
  async all(read: ReadonlyMap<string, number>): Promise<readonly RoomInfo[]> {
    const now = performance.now()
    if (this.#all === undefined || now - this.#readAt >= this.#node.times.directory) {
      this.#readAt = now
      this.#all = this.#readAll()
      this.#all.catch(() => {
        this.#all = undefined
      })
    }
    const rooms = await this.#all
    return rooms.map(room => ({ ...room, read: read.get(room.room) ?? 0 }))
  }

  async #readAll(): Promise<readonly RoomInfo[]> {
    const names = await this.#node.ask(this.#node.engine.rooms(MAX_ROOMS_MADE + 1))
    return this.some(new Map(names.map(name => [name, 0])))
  }
}

function describe(room: string, stored: StoredRoom, read: number, members: number): RoomInfo {
  const { epoch, seq: top, oldest, state } = stored
  const { topic, owner } = readRoomState(state)
  return { room, topic, epoch, top, oldest, read, members, ...(owner !== undefined && { owner }) }
}
