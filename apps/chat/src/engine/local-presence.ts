// Presence for engines that serve one node, in memory.

import type { Author } from '../log/entry.ts'
import { type Presence, Unavailable } from './engine.ts'
import { sortByName } from './sort-by-name.ts'

/** Milliseconds after which a user that is not reported again is forgotten. */
export const PRESENCE_EXPIRY = 30_000

interface Seen {
  readonly user: Author
  readonly expires: number
}

/** Presence on one node. */
export class LocalPresence implements Presence {
  readonly #now: () => number
  #rooms: Map<string, Map<string, Seen>> | undefined = new Map()

  constructor(now: () => number) {
    this.#now = now
  }

  async here(room: string, users: readonly Author[]): Promise<void> {
    const rooms = this.#open()
    const seen = rooms.get(room) ?? new Map<string, Seen>()
    const expires = this.#now() + PRESENCE_EXPIRY
    for (const { id, nick } of users) seen.set(id, { user: { id, nick }, expires })
    if (seen.size > 0) rooms.set(room, seen)
  }

  async gone(room: string, ids: readonly string[]): Promise<void> {
    const seen = this.#open().get(room)
    for (const id of ids) seen?.delete(id)
    this.#forget(room)
  }

  async members(room: string, limit: number): Promise<{ count: number; members: readonly Author[] }> {
    this.#forget(room)
    const members = sortByName(Array.from(this.#open().get(room)?.values() ?? [], ({ user }) => user))
    return { count: members.length, members: members.slice(0, limit) }
  }

  /** Everything rejects from now on. */
  close(): void {
    this.#rooms = undefined
  }

  /** Drops expired users, and rooms without users. */
  #forget(room: string): void {
    const rooms = this.#open()
    const seen = rooms.get(room)
    if (seen === undefined) return
    const now = this.#now()
    for (const [id, { expires }] of seen) if (expires <= now) seen.delete(id)
    if (seen.size === 0) rooms.delete(room)
  }

  #open(): Map<string, Map<string, Seen>> {
    if (this.#rooms === undefined) throw new Unavailable('the store is closed')
    return this.#rooms
  }
}
