// The chat as one person has it in one tab: puts the parts together. Does not know the document.

import type { OkReply, RoomInfo } from '../../../src/wire/messages.ts'
import type { Clock } from '../client/clock.ts'
import { Connection, type ConnectionState, type Fields } from '../client/connection.ts'
import { Drafts } from '../client/drafts.ts'
import { Notice } from '../client/notice.ts'
import { makeCid, Outbox } from '../client/outbox.ts'
import { Account } from './account.ts'
import { Feed } from './feed.ts'
import { HistoryReader } from './history-reader.ts'
import { Membership } from './membership.ts'
import { ReadMarks } from './read-marks.ts'
import { type Observer, State } from './state.ts'
import { Writer } from './writer.ts'

export interface SessionOptions extends Observer {
  readonly url: string
  readonly clock: Clock
  readonly random: () => number
  readonly WebSocket: typeof WebSocket
  readonly storage: Storage
  readonly locks: LockManager | undefined
}

export class Session extends State {
  readonly connection: Connection
  readonly notice: Notice
  readonly drafts: Drafts
  readonly outbox: Outbox
  readonly history: HistoryReader
  readonly marks: ReadMarks
  readonly account: Account
  readonly membership: Membership
  readonly writer: Writer
  readonly #changed: () => void

  constructor(options: SessionOptions) {
    super()
    const { clock, storage, locks, changed } = options
    this.#changed = changed
    this.notice = new Notice(clock, changed)
    this.drafts = new Drafts(storage)
    this.connection = new Connection({
      ...options,
      hello: () => this.#hello(),
      welcome: reply => {
        this.account.welcomed(reply)
        this.membership.welcomed(reply)
      },
      push: push => feed.push(push),
      state: state => this.#connectionIs(state),
    })
    this.outbox = new Outbox({
      storage,
      locks,
      clock,
      changed,
      name: makeCid(),
      isReady: ({ user, fields }) =>
        this.isOpen && user === this.user?.id && this.rooms.get(fields.room)?.isJoined === true,
      send: write => this.writer.send(write),
    })
    const { connection, notice, drafts, outbox } = this
    const shared = { state: this, connection, clock, storage, notice, drafts, outbox, changed }
    this.history = new HistoryReader(shared)
    this.marks = new ReadMarks(shared)
    this.account = new Account(shared)
    this.writer = new Writer(shared)
    const { history, marks } = this
    this.membership = new Membership({ ...shared, history, marks })
    const feed = new Feed({ ...options, ...shared, history, marks, membership: this.membership })
  }

  get isOpen(): boolean {
    return this.connection.state.name === 'open'
  }

  /** Connects. A person who is not signed in is asked for a name or an account. */
  start(): void {
    this.connection.start()
  }

  #hello(): Omit<Fields<'hello'>, 'v'> {
    const resume = this.membership.resume()
    return { ...this.account.credentials(), ...(Object.keys(resume).length > 0 && { resume }) }
  }

  #connectionIs(state: ConnectionState): void {
    if (state.name === 'open') {
      this.account.opened()
      if (this.user) void this.membership.joinAll()
    } else for (const room of this.rooms.values()) room.typing.clear()
    if (state.name === 'stopped' && state.why !== '') this.account.stopped(state)
    this.#changed()
  }

  /** Another tab has stored something: a token, or messages that it has not sent. */
  stored(): void {
    this.account.stored()
    this.outbox.adopt()
  }

  /** Rejects as `Connection.request` does. */
  search(q: string, before?: number): Promise<OkReply<'search'>> {
    return this.connection.request('search', { q, limit: 20, ...(before !== undefined && { before }) })
  }

  /** Rejects as `Connection.request` does, without the pages that were read. */
  async allRooms(): Promise<readonly RoomInfo[]> {
    const rooms: RoomInfo[] = []
    for (let after: string | undefined; ; ) {
      const page = await this.connection.request('rooms', { ...(after !== undefined && { after }) })
      rooms.push(...page.rooms)
      after = page.next
      if (after === undefined) return rooms
    }
  }

  /** Rejects as `Connection.request` does. */
  async removeRoom(room: string): Promise<void> {
    await this.connection.request('remove', { room })
  }

  /** Rejects as `Connection.request` does. */
  async moderate(fields: Omit<Fields<'mod'>, 'room'>): Promise<void> {
    await this.connection.request('mod', { room: this.current, ...fields })
  }
}
