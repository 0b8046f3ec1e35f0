// Names in use and names that rest, in maps.

import { lookOf } from '../../text/look.ts'
import { nameKey } from '../../text/name-key.ts'
import type { NameObstacle } from '../engine.ts'

interface Nick {
  readonly key: string
  readonly look: string
  readonly user: string
  /** The end of the rest, in milliseconds since 1970; undefined while a user has the name. */
  readonly until: number | undefined
}

export class MemoryNames {
  readonly #byKey = new Map<string, Nick>()
  readonly #byLook = new Map<string, Map<string, Nick>>()

  /** The user who has a name. */
  holder(nick: string): string | undefined {
    const found = this.#byKey.get(nameKey(nick))
    return found?.until === undefined ? found?.user : undefined
  }

  /** Why a user, or a new one, cannot take a name at a time. */
  obstacle(nick: string, user: string | undefined, now: number): NameObstacle | undefined {
    const key = nameKey(nick)
    if (user !== undefined && this.holder(nick) === user) return undefined
    const found = [this.#byKey.get(key), ...(this.#byLook.get(lookOf(nick))?.values() ?? [])].filter(
      other => other !== undefined && other.user !== user && (other.until ?? now + 1) > now,
    )
    if (found.some(other => other!.key === key && other!.until === undefined)) return 'taken'
    if (found.some(other => other!.until === undefined)) return 'alike'
    return found.length > 0 ? 'resting' : undefined
  }

  /** False if there is an obstacle. */
  take(nick: string, user: string, now: number): boolean {
    if (this.obstacle(nick, user, now) !== undefined) return false
    this.#set({ key: nameKey(nick), look: lookOf(nick), user, until: undefined })
    return true
  }

  /** Lets the name of a user rest until a time. */
  giveUp(nick: string, until: number): void {
    const found = this.#byKey.get(nameKey(nick))
    if (found !== undefined) this.#set({ ...found, until })
  }

  /** Makes a name available at once. */
  free(nick: string): void {
    this.#delete(nameKey(nick))
  }

  /** Removes names that have rested. */
  sweep(now: number): void {
    for (const { key, until } of this.#byKey.values())
      if (until !== undefined && until <= now) this.#delete(key)
  }

  #set(nick: Nick): void {
    this.#delete(nick.key)
    this.#byKey.set(nick.key, nick)
    const alike = this.#byLook.get(nick.look) ?? new Map<string, Nick>()
    this.#byLook.set(nick.look, alike.set(nick.key, nick))
  }

  #delete(key: string): void {
    const look = this.#byKey.get(key)?.look
    this.#byKey.delete(key)
    const alike = this.#byLook.get(look ?? '')
    alike?.delete(key)
    if (alike?.size === 0) this.#byLook.delete(look!)
  }
}
