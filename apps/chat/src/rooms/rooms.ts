// The rooms that users of this node are in. Opens and closes them, and passes on the events of
// each.

import type { Context } from '../context/context.ts'
import type { Forbidden } from '../engine/engine.ts'
import { findForbidden } from '../engine/guard.ts'
import type { Entry, Json, Position } from '../log/entry.ts'
import type { Guard } from '../log/room-state.ts'
import { Room, type RoomHost } from './room.ts'
import type { RoomSignal } from './room-signal.ts'

/** The source of the streams of rooms. */
export interface Streams {
  subscribe(room: string): Promise<Position>
  unsubscribe(room: string): Promise<void>
}

interface Opening {
  readonly room: Room
  readonly opened: Promise<void>
}

export class Rooms implements Iterable<Room> {
  readonly #context: Context
  readonly #host: Pick<RoomHost, 'users' | 'accountChanged'>
  readonly #streams: Streams
  readonly #rooms = new Map<string, Opening>()
  /** Rooms that requests on this node are creating in the store. */
  readonly creating = new Map<string, Promise<void>>()

  constructor(context: Context, host: Pick<RoomHost, 'users' | 'accountChanged'>, streams: Streams) {
    this.#context = context
    this.#host = host
    this.#streams = streams
  }

  get size(): number {
    return this.#rooms.size
  }

  *[Symbol.iterator](): Generator<Room> {
    for (const { room } of [...this.#rooms.values()]) yield room
  }

  /**
   * A room, and its end as far as the store can tell: held, until `release`. Rejects with
   * `NoSuchRoom`, with `Unavailable`.
   */
  async hold(name: string): Promise<Room> {
    const opening = this.#rooms.get(name) ?? this.#open(name)
    opening.room.hold()
    try {
      await opening.opened
      return opening.room
    } catch (error) {
      opening.room.release()
      throw error
    }
  }

  /** A room that is open on this node. */
  find(name: string): Room | undefined {
    return this.#rooms.get(name)?.room
  }

  /**
   * The restriction of a guard that is in force, as far as this process knows; the store may know
   * more.
   */
  forbidden(guard: Guard): Forbidden | undefined {
    return findForbidden(guard, ({ room, key }) => this.find(room)?.stored.get(key), this.#context.now())
  }

  entry(entry: Entry): void {
    this.#rooms.get(entry.room)?.room.entry(entry)
  }

  reset(name: string, position: Position): void {
    this.#rooms.get(name)?.room.reset(position)
  }

  /** From now on another room may have this name. */
  removed(name: string): void {
    const room = this.find(name)
    this.#rooms.delete(name)
    room?.removed()
  }

  signal(name: string, event: Json): void {
    // Nodes of one chat trust each other: this event was sent by another `Room`.
    this.#rooms.get(name)?.room.signal(event as unknown as RoomSignal)
  }

  close(): void {
    for (const room of this) room.close()
  }

  #open(name: string): Opening {
    const room = new Room(
      this.#context,
      {
        ...this.#host,
        forbidden: guard => this.forbidden(guard),
        endPresence: user => {
          for (const each of this) each.presence.end(user)
        },
        emptied: () => this.#forget(opening),
      },
      name,
    )
    const opening: Opening = { room, opened: this.#begin(room) }
    this.#rooms.set(name, opening)
    return opening
  }

  async #begin(room: Room): Promise<void> {
    const subscribed = this.#streams.subscribe(room.name)
    try {
      await room.open(await this.#context.ask(subscribed))
    } catch (error) {
      // The subscription may still succeed, too late.
      this.#context.attempt(subscribed.then(() => this.#streams.unsubscribe(room.name)))
      throw error
    }
  }

  #forget(opening: Opening): void {
    const { name } = opening.room
    if (this.#rooms.get(name) === opening) this.#rooms.delete(name)
    // A room that could not be opened is already unsubscribed.
    opening.opened.then(
      () => this.#context.attempt(this.#streams.unsubscribe(name)),
      () => {},
    )
  }
}
