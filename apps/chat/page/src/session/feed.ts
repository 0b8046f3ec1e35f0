// Applies pushes: entries, syncs, presence, typing, read marks.

import type { Author } from '../../../src/log/entry.ts'
import { MAX_PAGE, TYPING_TIMEOUT } from '../../../src/wire/constants.ts'
import type { ByePush, Push, SyncPush, WireEntry } from '../../../src/wire/messages.ts'
import type { Clock } from '../client/clock.ts'
import type { Connection } from '../client/connection.ts'
import type { Notice } from '../client/notice.ts'
import type { Outbox } from '../client/outbox.ts'
import type { Room } from '../room/room.ts'
import type { HistoryReader } from './history-reader.ts'
import type { Membership } from './membership.ts'
import type { ReadMarks } from './read-marks.ts'
import type { Observer, State } from './state.ts'

interface FeedOptions extends Observer {
  readonly state: State
  readonly connection: Connection
  readonly clock: Clock
  readonly notice: Notice
  readonly outbox: Pick<Outbox, 'arrived' | 'release'>
  readonly history: HistoryReader
  readonly membership: Membership
  readonly marks: ReadMarks
}

export class Feed {
  readonly #options: FeedOptions

  constructor(options: FeedOptions) {
    this.#options = options
  }

  push(push: Exclude<Push, ByePush>): void {
    const { state, notice, marks, changed } = this.#options
    if (push.t === 'notice') notice.tell(push.msg)
    const room = 'room' in push ? state.rooms.get(push.room) : undefined
    if (room === undefined) return
    if (push.t === 'entry') this.#entry(room, push)
    else if (push.t === 'sync') this.#sync(room, push)
    else if (push.t === 'read') marks.readElsewhere(room, push.seq)
    else if (push.t === 'typing') this.#typing(room, push.user, push.on)
    else if (push.t === 'presence') room.meet(push)
    else if (push.t === 'removed') this.#removed(room)
    changed()
  }

  #entry(room: Room, entry: WireEntry): void {
    const result = room.log.apply(entry, seen => this.#seen(room, seen))
    if (room !== this.#options.state.room) room.log.keep('newest')
    if (result === 'missing') void this.#readMissing(room).catch(() => undefined)
  }

  #sync(room: Room, push: SyncPush): void {
    if (!room.log.sync(push, seen => this.#seen(room, seen))) this.#lost(room)
  }

  #lost(room: Room): void {
    const { state, notice, history } = this.#options
    notice.tell('Some older messages are no longer available.')
    if (room === state.room) void history.loadOlder()
  }

  #seen(room: Room, entry: WireEntry): void {
    const { state, outbox, membership, marks, outdated, heard } = this.#options
    if (entry.cid !== undefined) outbox.arrived(entry.cid)
    room.typing.delete(entry.user.id)
    if (entry.kind === 'topic') room.topic = entry.data.topic
    if (entry.kind === 'mod') {
      if (entry.data.op === 'lock') room.isLocked = entry.data.on !== false
      if (entry.data.op === 'slow') room.slow = entry.data.secs ?? 0
      const isOut = entry.data.op === 'kick' || entry.data.op === 'ban'
      // Messages may be waiting for this.
      if (!isOut) outbox.release(room.name)
      // The chat sends a notice with the reason.
      if (isOut && entry.data.user?.id === state.user?.id) membership.forget(room)
    }
    if (entry.kind === 'edit' || entry.kind === 'del') outdated(room, entry.data.seq)
    if (marks.count(room, entry)) heard(room, entry)
  }

  /**
   * Reads entries that were overtaken by later ones. One reading at a time; it goes on until there
   * is no gap.
   */
  async #readMissing(room: Room): Promise<void> {
    if (room.isLoading) return
    room.isLoading = true
    try {
      while (room.log.isMissing) {
        const after = room.log.last
        const page = await this.#options.connection.request('history', {
          room: room.name,
          after,
          limit: MAX_PAGE,
        })
        if (page.gap || page.log.length === 0 || page.epoch !== room.log.epoch) {
          room.log.beginAgain(page.epoch, page.top)
          this.#lost(room)
          break
        }
        for (const entry of page.log) room.log.apply(entry, seen => this.#seen(room, seen))
      }
    } finally {
      room.isLoading = false
      this.#options.changed()
    }
  }

  #removed(room: Room): void {
    this.#options.membership.forget(room)
    this.#options.notice.tell(`#${room.name} was removed.`)
  }

  #typing(room: Room, user: Author, on: boolean): void {
    const { state, clock, changed } = this.#options
    if (!on) room.typing.delete(user.id)
    else if (user.id !== state.user?.id) {
      room.typing.set(user.id, { user, until: clock.now() + TYPING_TIMEOUT })
      clock.after(TYPING_TIMEOUT, () => {
        if ((room.typing.get(user.id)?.until ?? 0) <= clock.now()) room.typing.delete(user.id)
        changed()
      })
    }
  }
}
