// A room as this page knows it: its log, who is in it, what is unread, what is being written. Data only; session.ts changes it.

import type { Author } from '../../../src/log/entry.ts'
import { MAX_LISTED } from '../../../src/wire/constants.ts'
import type { PresencePush, RoomInfo } from '../../../src/wire/messages.ts'
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
  /** Something is on its way to extend the log. */
  isLoading = false

  /** How many are here, and who; undefined where there are too many to list. */
  count = 0
  members: ReadonlyMap<string, Author> | undefined = new Map()
  /** Who is writing, and until when that holds, in milliseconds since 1970. */
  readonly typing = new Map<string, { readonly user: Author; readonly until: number }>()

  readonly unread = new Unread()
  /** After this position stands the line that says "new". */
  newAfter: number | undefined

  /** What is in the composer, and what it answers or edits. */
  draft = ''
  replyTo: number | undefined
  editing: number | undefined

  constructor(name: string) {
    this.name = name
  }

  update({ topic, read, members, owner }: RoomInfo): void {
    this.topic = topic
    this.unread.read(read)
    this.count = members
    this.owner = owner
  }

  /** Who has come, each with his nick as it is now, and who has gone. Once all can be listed again, all are among who has come. */
  meet({ count, join = [], part = [] }: Pick<PresencePush, 'count' | 'join' | 'part'>): void {
    this.count = count
    const members = new Map([...(this.members ?? []), ...join.map(user => [user.id, user] as const)])
    for (const id of part) members.delete(id)
    this.members = count > MAX_LISTED ? undefined : members
  }
}
