// Removes empty rooms that have never had a message.

import type { Context } from '../context/context.ts'
import { NoSuchRoom } from '../engine/engine.ts'
import type { Position } from '../log/entry.ts'
import { LOBBY, MAX_PAGE } from '../wire/constants.ts'
import type { Rooms } from './rooms.ts'

/** Rooms that are looked at together. */
const AT_ONCE = 100

type Store = Pick<Context, 'engine' | 'ask' | 'times' | 'log' | 'now'> & {
  readonly rooms: Pick<Rooms, 'find'>
}

export class UnusedRooms {
  readonly #context: Store
  /** The first observation of logs without an entry, which contain no time; by epoch. */
  #emptySince: ReadonlyMap<string, number> = new Map()

  constructor(context: Store) {
    this.#context = context
  }

  /** Removes those that have been unused for long enough. Rejects with `Unavailable`. */
  async sweep(): Promise<void> {
    const { engine } = this.#context
    const emptySince = new Map<string, number>()
    for (let names = await this.#names(); names.length > 0; names = await this.#names(names.at(-1))) {
      // A room with this many entries has been used.
      for (const [name, end] of await this.#context.ask(engine.tops(names)))
        if (name !== LOBBY && end.seq <= MAX_PAGE)
          await this.#look(name, end, emptySince).catch(passOverRemoved)
    }
    this.#emptySince = emptySince
  }

  #names(after?: string): Promise<readonly string[]> {
    return this.#context.ask(this.#context.engine.rooms(AT_ONCE, after))
  }

  async #look(name: string, end: Position, emptySince: Map<string, number>): Promise<void> {
    const { engine, times, rooms } = this.#context
    const now = this.#context.now()
    const { oldest, entries } = await this.#context.ask(engine.history(name, { after: 0, limit: MAX_PAGE }))
    if (oldest > 1 || entries.some(({ kind }) => kind === 'msg')) return
    const since = entries.at(-1)?.ts ?? this.#emptySince.get(end.epoch) ?? now
    if (entries.length === 0) emptySince.set(end.epoch, since)
    // The store forgets users that are not reported, for example while this process was suspended.
    if (now - since < times.unused || rooms.find(name)?.presence.isEmpty === false) return
    const { count } = await this.#context.ask(engine.presence.members(name, 1))
    if (count > 0) return
    if (await this.#context.ask(engine.removeRoom(name, end)))
      this.#context.log('info', 'room-expired', { room: name })
  }
}

/** Another node was faster. */
function passOverRemoved(error: unknown): void {
  if (!(error instanceof NoSuchRoom)) throw error
}
