// Typing indicators in a room. A connection reports it at most once in three seconds; it expires after
// six.

import type { Times } from '../context/options.ts'
import type { Author } from '../log/entry.ts'
import type { TypingPush } from '../wire/messages.ts'

/** Most users at a time in one room; others are ignored. */
const MOST = 200

/** The room that is notified. */
interface TypingRoom {
  readonly name: string
  broadcast(push: TypingPush, except: string): void
}

export class Typing {
  readonly #times: Times
  readonly #room: TypingRoom
  /** The times of the last reports by users of this node. */
  readonly #reported = new Map<string, number>()
  readonly #typing = new Map<string, NodeJS.Timeout>()

  constructor(times: Times, room: TypingRoom) {
    this.#times = times
    this.#room = room
  }

  /** Whether a report is new. `now`: milliseconds of a monotonic clock. */
  isNews(user: string, on: boolean, now: number): boolean {
    if (!on) return this.#reported.delete(user)
    const last = this.#reported.get(user)
    if (last !== undefined && now - last < this.#times.typing) return false
    this.#reported.set(user, now)
    return true
  }

  /** A user on any node types or has stopped. */
  heard(user: Author, on: boolean): void {
    const before = this.#typing.get(user.id)
    if (before === undefined && (!on || this.#typing.size >= MOST)) return
    clearTimeout(before)
    this.#typing.delete(user.id)
    if (on) this.#typing.set(user.id, setTimeout(() => this.heard(user, false), this.#times.typed).unref())
    this.#room.broadcast({ t: 'typing', room: this.#room.name, user, on }, user.id)
  }

  /** The user has sent the message or left: clears the indicator without a broadcast. */
  forget(user: string): void {
    this.#reported.delete(user)
    clearTimeout(this.#typing.get(user))
    this.#typing.delete(user)
  }

  close(): void {
    for (const timer of this.#typing.values()) clearTimeout(timer)
  }
}
