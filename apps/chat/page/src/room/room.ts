// A room as this page knows it: log, members, unread messages, typing. Data only; the session
// changes it.

import type { Author } from '../../../src/log/entry.ts'
import type { Mentionable } from '../../../src/text/mentionable.ts'
import { MAX_LISTED } from '../../../src/wire/constants.ts'
import type { PresencePush, RoomInfo } from '../../../src/wire/messages.ts'
import { Names } from './names.ts'
import { RoomLog } from './room-log.ts'
import { Unread } from './unread.ts'

export class Room {
  readonly name: string
  readonly log = new RoomLog()
  topic = ''
  owner: string | undefined
  isLocked = false
  /** Seconds between two messages of one user. */
  slow = 0
  /** The chat counts this connection in. */
  isJoined = false
  /** Why this user is not in the room, in a sentence; empty while they are, or are about to be. */
  outside = ''
  /** The user has left it, and it is shown until they go to another one. */
  isLeft = false
  /** Something is on its way to extend the log. */
  isLoading = false

  /** The number of members, and their list; undefined if there are too many. */
  count = 0
  members: ReadonlyMap<string, Author> | undefined = new Map()
  /** Who is typing, until a time in milliseconds since 1970. */
  readonly typing = new Map<string, { readonly user: Author; readonly until: number }>()

  readonly unread = new Unread()
  /** After this position stands the line that says "new". */
  newAfter: number | undefined

  /**
   * The message that the composer replies to; the message that it edits, with the new text so far.
   */
  replyTo: number | undefined
  editing: { readonly seq: number; text: string } | undefined

  readonly #names = new Names()

  constructor(name: string) {
    this.name = name
  }

  update({ topic, read, members, owner }: RoomInfo): void {
    this.topic = topic
    this.unread.read(read)
    this.count = members
    this.owner = owner
  }

  /** The names that a message can mention, that of this user among them. */
  names(me: string): Mentionable {
    return this.#names.of(me, this.members, this.log.items)
  }

  /**
   * Applies a change of presence: users who have joined, with their current names, and users who
   * have left. When all can be listed again, `join` contains them all.
   */
  meet({ count, join = [], part = [] }: Pick<PresencePush, 'count' | 'join' | 'part'>): void {
    this.count = count
    const members = new Map([...(this.members ?? []), ...join.map(user => [user.id, user] as const)])
    for (const id of part) members.delete(id)
    this.members = count > MAX_LISTED ? undefined : members
  }
}
