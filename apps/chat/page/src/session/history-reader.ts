// Reads more of the log of the room that is shown: before, after or around a message. One reading
// at a time.

import { MAX_PAGE } from '../../../src/wire/constants.ts'
import type { OkReply } from '../../../src/wire/messages.ts'
import type { Clock } from '../client/clock.ts'
import { type Connection, Disconnected, type Fields, RequestError } from '../client/connection.ts'
import { inWords } from '../client/error-text.ts'
import type { Notice } from '../client/notice.ts'
import type { Room } from '../room/room.ts'

/** Milliseconds after a failed attempt to read the log. */
const LOAD_AGAIN = 1000

interface HistoryReaderOptions {
  readonly connection: Connection
  readonly clock: Clock
  readonly notice: Notice
  readonly state: { readonly room: Room | undefined }
  changed(): void
}

export class HistoryReader {
  readonly #options: HistoryReaderOptions

  constructor(options: HistoryReaderOptions) {
    this.#options = options
  }

  loadOlder(): Promise<void> {
    return this.#load(async ({ name, log }) => {
      if (log.isAtStart) return
      const { first, epoch } = log
      const page = await this.#read({ room: name, before: first, limit: MAX_PAGE })
      if (log.first === first && log.epoch === epoch) log.addOlder(page)
    })
  }

  /** With later edits, deletions and reactions of these messages. */
  loadNewer(): Promise<void> {
    return this.#load(async ({ name, log }) => {
      if (log.isAtEnd) return
      const { end, epoch } = log
      const page = await this.#read({ room: name, after: end, limit: MAX_PAGE, folds: true })
      if (log.end === end && log.epoch === epoch) log.addNewer(page)
    })
  }

  /** Loads a message and those around it. False if it is no longer kept. */
  async goTo(seq: number): Promise<boolean> {
    const room = this.#options.state.room
    if (room === undefined || room.log.find(seq)) return room !== undefined
    await this.#load(async ({ name, log }) => {
      const around = Math.min(seq, log.last)
      log.replace(await this.#read({ room: name, around, limit: MAX_PAGE }))
    })
    return room.log.find(seq) !== undefined
  }

  async goToEnd(): Promise<void> {
    const room = this.#options.state.room
    if (room === undefined || room.log.isAtEnd) return
    room.log.goToEnd()
    await this.loadOlder()
  }

  #read(fields: Fields<'history'>): Promise<OkReply<'history'>> {
    return this.#options.connection.request('history', fields)
  }

  async #load(read: (room: Room) => Promise<void>): Promise<void> {
    const { state, connection, clock, notice, changed } = this.#options
    const { room } = state
    if (room === undefined || room.isLoading || !room.isJoined || connection.state.name !== 'open') return
    room.isLoading = true
    try {
      await read(room)
      room.isLoading = false
    } catch (error) {
      if (!(error instanceof Disconnected)) notice.tell(inWords(error))
      // The log pane asks again while the place is in view: not at once.
      const retry = error instanceof RequestError ? (error.retry ?? 0) : 0
      clock.after(Math.max(LOAD_AGAIN, retry), () => {
        room.isLoading = false
        changed()
      })
    }
    changed()
  }
}
