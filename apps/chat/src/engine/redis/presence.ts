// Presence in a Redis: each node reports its users, and those not reported again are forgotten.

import type { Author } from '../../log/entry.ts'
import type { Presence } from '../engine.ts'
import { PRESENCE_EXPIRY } from '../local-presence.ts'
import { sortByName } from '../sort-by-name.ts'
import { hereKey } from './keys.ts'
import type { Ask } from './link.ts'
import { call, script } from './script.ts'

const MEMBERS = script('presence/members')

const HERE = script('presence/here')

export const PRESENCE_SCRIPTS = [HERE, MEMBERS]

/** Presence on all nodes. Their clocks are to agree within some seconds. */
export class RedisPresence implements Presence {
  readonly #ask: Ask
  /** A name for this node, without a space. */
  readonly #node: string
  readonly #now: () => number

  constructor(ask: Ask, node: string, now: () => number) {
    this.#ask = ask
    this.#node = node
    this.#now = now
  }

  async here(room: string, users: readonly Author[]): Promise<void> {
    const expires = this.#now() + PRESENCE_EXPIRY
    const fields = users.flatMap(({ id, nick }) => [`${this.#node} ${id}`, `${expires} ${nick}`])
    await call(this.#ask, HERE, [hereKey(room)], [2 * PRESENCE_EXPIRY, ...fields])
  }

  async gone(room: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#ask(['HDEL', hereKey(room), ...ids.map(id => `${this.#node} ${id}`)])
  }

  async members(
    room: string,
    limit: number,
  ): Promise<{ readonly count: number; readonly members: readonly Author[] }> {
    const found = (await call(this.#ask, MEMBERS, [hereKey(room)], [this.#now()])) as string[]
    const latest = new Map<string, { readonly user: Author; readonly expires: number }>()
    for (let i = 0; i < found.length; i += 3) {
      const [id, expires, nick] = [found[i]!, Number(found[i + 1]), found[i + 2]!]
      if (expires >= (latest.get(id)?.expires ?? 0)) latest.set(id, { user: { id, nick }, expires })
    }
    const members = sortByName(Array.from(latest.values(), ({ user }) => user))
    return { count: members.length, members: members.slice(0, limit) }
  }
}
