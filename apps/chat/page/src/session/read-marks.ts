// Counts unread messages, and reports to the chat how far the user has read.

import { MAX_PAGE } from '../../../src/wire/constants.ts'
import type { WireEntry } from '../../../src/wire/messages.ts'
import type { Clock } from '../client/clock.ts'
import type { Connection } from '../client/connection.ts'
import type { Room } from '../room/room.ts'
import { isMentioned } from '../text/mention.ts'
import type { State } from './state.ts'

/** Milliseconds for which read marks are gathered. They may be lost. */
const INTERVAL = 500

interface ReadMarksOptions {
  readonly state: State
  readonly connection: Connection
  readonly clock: Clock
  changed(): void
}

export class ReadMarks {
  readonly #options: ReadMarksOptions
  readonly #unsent = new Set<string>()

  constructor(options: ReadMarksOptions) {
    this.#options = options
  }

  /** Counts an entry. True if it is a new message of another user. */
  count(room: Room, { kind, data, seq, user }: WireEntry): boolean {
    const { unread } = room
    if (kind === 'edit') unread.change(data.seq, this.isMentioned(room, data.body))
    if (kind === 'del') unread.remove(data.seq)
    const isOthers = kind === 'msg' && user.id !== this.#options.state.user?.id
    return isOthers && unread.add(seq, this.isMentioned(room, data.body))
  }

  /** Whether a message of a room mentions this user. */
  isMentioned(room: Room, body: string): boolean {
    const nick = this.#options.state.user?.nick ?? ''
    return nick !== '' && isMentioned(nick, body, room.names(nick))
  }

  /** Counts the unread messages of a room from its log. */
  async countUnread(room: Room): Promise<void> {
    const { connection, changed } = this.#options
    const after = room.unread.upTo
    const { log, top } = await connection.request('history', { room: room.name, after, limit: MAX_PAGE })
    for (const entry of log) this.count(room, entry)
    room.unread.isMore = (log.at(-1)?.seq ?? after) < top
    changed()
  }

  /** The user has read on in another window. */
  readElsewhere(room: Room, seq: number): void {
    room.unread.read(seq)
    if (room.unread.isMore) void this.countUnread(room).catch(() => undefined)
  }

  /** The user has seen everything in the room that is shown. */
  seeAll(): void {
    const { state, clock, changed } = this.#options
    const { room } = state
    if (room === undefined || !room.isJoined || !room.log.isAtEnd || room.unread.upTo >= room.log.last) return
    room.unread.read(room.log.last)
    room.unread.isMore = false
    if (!this.#unsent.has(room.name)) clock.after(INTERVAL, () => this.#send(room))
    this.#unsent.add(room.name)
    changed()
  }

  #send(room: Room): void {
    this.#unsent.delete(room.name)
    this.#options.connection.notify({ t: 'read', room: room.name, seq: room.unread.upTo })
  }

  /**
   * A message was received that the user does not see: the first unread one stands below the line
   * that says "new".
   */
  lookAway(): void {
    const { room } = this.#options.state
    if (room?.unread.count === 1) room.newAfter = room.unread.upTo
  }
}
