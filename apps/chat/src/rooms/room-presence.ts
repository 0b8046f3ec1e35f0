// The presence in a room. Reports the users of this node to the engine, and the users of all nodes
// to the room, at most once a second.

import type { Context } from '../context/context.ts'
import type { Author } from '../log/entry.ts'
import { MAX_LISTED } from '../wire/constants.ts'
import type { PresencePush } from '../wire/messages.ts'
import type { Typing } from './typing.ts'

type Store = Pick<Context, 'engine' | 'ask' | 'attempt' | 'times'>

/** The room that receives presence updates. */
interface PresentRoom {
  readonly name: string
  readonly typing: Pick<Typing, 'forget'>
  broadcast(push: PresencePush): void
  /** A user has left: the room may not be needed any more. */
  look(): void
}

interface Present {
  user: Author
  connections: number
  /** Ends the presence unless the user returns before. */
  leaving: NodeJS.Timeout | undefined
}

export class RoomPresence {
  readonly #context: Store
  readonly #room: PresentRoom
  readonly #present = new Map<string, Present>()
  /** The users that the room has been notified of; empty while there are too many to list. */
  #told: ReadonlyMap<string, Author> = new Map()
  #count = -1
  #gathering: NodeJS.Timeout | undefined

  constructor(context: Store, room: PresentRoom) {
    this.#context = context
    this.#room = room
  }

  /** Whether no user of this node is in the room or has just left it. */
  get isEmpty(): boolean {
    return this.#present.size === 0
  }

  /**
   * One more connection of this user is in the room. Rejects with `Unavailable`; then it is not.
   */
  async enter(user: Author): Promise<void> {
    const present = this.#present.get(user.id) ?? { user, connections: 0, leaving: undefined }
    this.#present.set(user.id, present)
    clearTimeout(present.leaving)
    present.connections++
    try {
      await this.#context.ask(this.#context.engine.presence.here(this.#room.name, [user]))
    } catch (error) {
      this.exit(user.id, false)
      throw error
    }
    this.#announce()
  }

  /** Counts one connection less. With `kept` the user stays present for a while. */
  exit(id: string, kept: boolean): void {
    const present = this.#present.get(id)
    if (present === undefined || --present.connections > 0) return
    if (kept) present.leaving = setTimeout(() => this.#forget(id), this.#context.times.grace).unref()
    else this.#forget(id)
  }

  /** Ends the presence of a user without connections at once. */
  end(id: string): void {
    const present = this.#present.get(id)
    if (present === undefined || present.connections > 0) return
    clearTimeout(present.leaving)
    this.#forget(id)
  }

  endAll(): void {
    for (const id of [...this.#present.keys()]) this.end(id)
  }

  /** Updates the name of a user. */
  rename(user: Author): void {
    const present = this.#present.get(user.id)
    if (present === undefined) return
    present.user = user
    this.beat()
    this.#announce()
  }

  /** Reports the present users to the engine again, which forgets users that are not reported. */
  beat(): void {
    const users = Array.from(this.#present.values(), ({ user }) => user)
    if (users.length > 0) this.#context.attempt(this.#context.engine.presence.here(this.#room.name, users))
    this.touch()
  }

  /** Something may have changed: looks soon. */
  touch(): void {
    if (this.#gathering !== undefined) return
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined
      this.#context.attempt(this.#look())
    }, this.#context.times.presence).unref()
  }

  close(): void {
    clearTimeout(this.#gathering)
    for (const { leaving } of this.#present.values()) clearTimeout(leaving)
  }

  #forget(id: string): void {
    this.#present.delete(id)
    this.#room.typing.forget(id)
    this.#context.attempt(
      this.#context.engine.presence.gone(this.#room.name, [id]).then(() => this.#announce()),
    )
    this.#room.look()
  }

  #announce(): void {
    this.#context.engine.signal(this.#room.name, { t: 'presence' })
  }

  async #look(): Promise<void> {
    const { count, members } = await this.#context.engine.presence.members(this.#room.name, MAX_LISTED)
    const now = new Map(count > MAX_LISTED ? [] : members.map(user => [user.id, user]))
    const join = [...now.values()].filter(({ id, nick }) => this.#told.get(id)?.nick !== nick)
    const part = count > MAX_LISTED ? [] : [...this.#told.keys()].filter(id => !now.has(id))
    if (count === this.#count && join.length + part.length === 0) return
    this.#told = now
    this.#count = count
    const push: PresencePush = {
      t: 'presence',
      room: this.#room.name,
      count,
      ...(join.length > 0 && { join }),
      ...(part.length > 0 && { part }),
    }
    this.#room.broadcast(push)
  }
}
