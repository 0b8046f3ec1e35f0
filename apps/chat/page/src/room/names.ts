// The names that a message of a room can mention.

import type { Author } from '../../../src/log/entry.ts'
import { Mentionable } from '../../../src/text/mentionable.ts'
import type { Item } from './room-log.ts'

export class Names {
  #from: readonly unknown[] = []
  #nicks: ReadonlySet<string> = new Set()
  #names = new Mentionable()

  /**
   * Those of `me`, of the members, and of the authors whose messages are loaded. Called for each
   * message: cheap while nothing changed.
   */
  of(me: string, members: ReadonlyMap<string, Author> | undefined, items: readonly Item[]): Mentionable {
    const from = [me, members, items]
    if (from.every((each, i) => each === this.#from[i])) return this.#names
    this.#from = from
    const users = [...(members?.values() ?? []), ...items.map(({ entry }) => entry.user)]
    const nicks = new Set([me, ...users.map(({ nick }) => nick)])
    if (nicks.size !== this.#nicks.size || ![...nicks].every(nick => this.#nicks.has(nick))) {
      this.#nicks = nicks
      this.#names = new Mentionable(nicks)
    }
    return this.#names
  }
}
