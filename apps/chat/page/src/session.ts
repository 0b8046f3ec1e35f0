// The chat as one person has it in one tab: who he is, his rooms, what he does in them. Everything that is shown comes from here, and
// everything that is done goes through here. Refuses to know the document.

import type { Author } from '../../src/log/entry.ts'
import { isSameEmoji } from '../../src/log/fold.ts'
import { CloseCode, LOBBY, MAX_PAGE, TYPING_INTERVAL, TYPING_TIMEOUT } from '../../src/wire/constants.ts'
import type {
  AuthRequest,
  ByePush,
  OkReply,
  Push,
  RoomInfo,
  SyncPush,
  User,
  WireEntry,
} from '../../src/wire/messages.ts'
import type { Clock } from './client/clock.ts'
import { meaningOf } from './client/close-codes.ts'
import {
  Connection,
  type ConnectionState,
  Disconnected,
  type Fields,
  RequestError,
} from './client/connection.ts'
import { Drafts } from './client/drafts.ts'
import { inWords, Mistake } from './client/error-text.ts'
import { Notice } from './client/notice.ts'
import { makeCid, Outbox, type Write } from './client/outbox.ts'
import { HistoryReader } from './history-reader.ts'
import { Room } from './room/room.ts'
import { isMentioned } from './text/mention.ts'
import { sentence } from './text/sentence.ts'

export interface SessionOptions {
  readonly url: string
  readonly clock: Clock
  readonly random: () => number
  readonly WebSocket: typeof WebSocket
  readonly storage: Storage
  readonly locks: LockManager | undefined
  /** Something that is shown may be different now. */
  changed(): void
  /** Another user sent a message that was not there before. */
  heard(room: Room, entry: WireEntry): void
  /** The text of a message is no longer valid: it was edited or deleted. */
  outdated(room: Room, seq: number): void
}

/** What the person is asked for before he can go on. */
export type Question = 'nick' | 'account'

const TOKEN = 'chat.token'
const CURRENT = 'chat.room'

export class Session {
  readonly #options: SessionOptions
  readonly connection: Connection
  readonly outbox: Outbox
  readonly rooms = new Map<string, Room>()
  user: User | undefined
  /** The name of the room that is shown. */
  current: string
  /** What the person has to answer, and what was wrong with his last answer. */
  question: Question | undefined
  complaint = ''
  readonly notice: Notice
  readonly history: HistoryReader
  readonly drafts: Drafts
  #nick: string | undefined
  /** The token of the last hello, and one that is no longer valid. */
  #sentToken: string | null = null
  #deadToken: string | null = null
  #reads = new Set<string>()
  #typedAt = 0

  constructor(options: SessionOptions) {
    this.#options = options
    const { clock, storage, locks, changed } = options
    this.current = storage.getItem(CURRENT) ?? LOBBY
    this.notice = new Notice(clock, changed)
    this.drafts = new Drafts(storage)
    this.connection = new Connection({
      ...options,
      hello: () => this.#hello(),
      welcome: reply => this.#welcome(reply),
      push: push => this.#push(push),
      state: state => this.#connectionIs(state),
    })
    this.history = new HistoryReader({
      connection: this.connection,
      clock,
      notice: this.notice,
      shown: () => this.room,
      changed,
    })
    this.outbox = new Outbox({
      storage,
      locks,
      clock,
      changed,
      name: makeCid(),
      isReady: ({ user, fields }) =>
        this.isOpen && user === this.user?.id && this.rooms.get(fields.room)?.isJoined === true,
      send: write => this.#sendWrite(write),
    })
  }

  /** The room that is shown, once it is known. */
  get room(): Room | undefined {
    return this.rooms.get(this.current)
  }

  get #token(): string | null {
    const token = this.#options.storage.getItem(TOKEN)
    return token === this.#deadToken ? null : token
  }

  get isOpen(): boolean {
    return this.connection.state.name === 'open'
  }

  /** Connects. Who is not known yet is asked for what this chat wants to know of him. */
  start(): void {
    this.connection.start()
  }

  // Who I am

  /** Comes in as a guest. */
  enterAs(nick: string): void {
    this.#nick = nick
    this.complaint = ''
    this.#startAgain()
  }

  /** Registers, signs in, or out. Rejects as `Connection.request` does. */
  async authenticate(fields: Fields<'auth'>): Promise<void> {
    if (this.connection.state.name !== 'open') await this.#connectAsNobody()
    const { user, token } = await this.connection.request('auth', fields)
    if (token !== undefined) this.#options.storage.setItem(TOKEN, token)
    this.question = undefined
    const isSame = fields.op === 'nick' || (fields.op === 'register' && this.user !== undefined)
    if (isSame) this.user = user
    else this.#beginAgain(fields.op)
    this.#options.changed()
  }

  /** Nobody yet can still register or sign in. */
  #connectAsNobody(): Promise<void> {
    this.#nick = undefined
    return new Promise((resolve, reject) => {
      this.#opened = error => (error ? reject(error) : resolve())
      this.connection.start()
    })
  }

  #opened: ((error?: Error) => void) | undefined

  /** As another, or as nobody: nothing of what was here is his. */
  #beginAgain(op: AuthRequest['op']): void {
    if (op === 'logout') this.#options.storage.removeItem(TOKEN)
    if (op === 'logout' && this.user) this.drafts.clear(this.user.id)
    this.#becomeNobody()
    this.#startAgain()
  }

  #becomeNobody(): void {
    this.user = undefined
    this.#nick = undefined
    this.complaint = ''
    // What one user has to wait for does not hold for another.
    for (const name of this.rooms.keys()) this.outbox.release(name)
    this.rooms.clear()
  }

  #startAgain(): void {
    this.connection.stop('')
    this.connection.start()
  }

  #ask(question: Question, complaint = ''): void {
    this.question = question
    this.complaint = sentence(complaint)
    this.#options.changed()
  }

  // The connection

  #hello(): Omit<Fields<'hello'>, 'v'> {
    const token = this.#token
    this.#sentToken = token
    const joined = [...this.rooms.values()].filter(({ isJoined }) => isJoined)
    const resume = Object.fromEntries(joined.map(({ name, log }) => [name, [log.epoch, log.last] as const]))
    const who = token !== null ? { token } : this.#nick === undefined ? {} : { nick: this.#nick }
    return { ...who, ...(joined.length > 0 && { resume }) }
  }

  #welcome(reply: OkReply<'hello'>): void {
    this.user = reply.user
    if (reply.token !== undefined) this.#options.storage.setItem(TOKEN, reply.token)
    if (reply.user !== undefined) this.question = undefined
    else if (this.#opened === undefined)
      this.#ask(reply.auth === 'guest' ? 'nick' : 'account', this.complaint)
    for (const info of reply.rooms) this.#roomNamed(info.room).update(info)
    const known = new Set(reply.rooms.map(({ room }) => room))
    // It may have been removed in the meantime: joining it tells.
    for (const room of this.rooms.values()) if (!known.has(room.name)) room.isJoined = false
    if (!this.rooms.has(this.current)) this.current = LOBBY
  }

  #connectionIs(state: ConnectionState): void {
    if (state.name === 'open') {
      this.#opened?.()
      this.#opened = undefined
      if (this.user) void this.#joinAll()
    } else for (const room of this.rooms.values()) room.typing.clear()
    if (state.name === 'stopped' && state.why !== '') this.#stopped(state)
    this.#options.changed()
  }

  #stopped({ code, why, error }: ConnectionState & { name: 'stopped' }): void {
    const opened = this.#opened
    this.#opened = undefined
    if (opened) opened(error ?? new Disconnected())
    else if (code === CloseCode.badToken) this.#signedOut(why)
    else if (error?.code === 'unauthorized' && this.#sentToken !== null)
      this.#signedOut(meaningOf(CloseCode.badToken))
    else if (this.question !== undefined) this.#ask(this.question, why)
  }

  /** The token is no longer valid: takes the one that another tab has stored since, or asks who it is, and says why. */
  #signedOut(why: string): void {
    // It stays in the storage: to remove it could remove the one that another tab is just storing.
    this.#deadToken = this.#sentToken
    this.#becomeNobody()
    if (this.#token === null) this.complaint = sentence(why)
    this.connection.start()
  }

  /** Another tab has stored something, perhaps a new token. */
  stored(): void {
    if (this.user === undefined && this.isOpen && this.#token !== null) this.#startAgain()
    this.outbox.adopt()
  }

  /** Into those that the chat has not counted this connection in by `resume`; the one that is shown first. */
  async #joinAll(): Promise<void> {
    const shown = this.room
    const rooms = [...this.rooms.values()].sort(
      (one, other) => Number(other === shown) - Number(one === shown),
    )
    this.outbox.flush()
    for (const room of rooms) {
      if (room.isLeft) continue
      if (!room.isJoined) await this.#join(room).catch((error: unknown) => this.#notJoined(room, error))
      else if (room === shown) void this.#readMembers(room)
    }
  }

  async #join(room: Room, create = false): Promise<void> {
    const info = await this.connection.request('join', { room: room.name, ...(create && { create }) })
    this.rooms.set(room.name, room)
    this.#joined(room, info)
    if (this.room === room) await this.history.loadOlder()
    else if (info.top > room.unread.upTo && room.unread.upTo > 0) await this.#countUnread(room)
  }

  #notJoined(room: Room, error: unknown): void {
    if (error instanceof RequestError && error.code === 'not_found') this.#forget(room)
    else if (error instanceof RequestError) room.outside = inWords(error)
    this.#options.changed()
  }

  #joined(room: Room, info: OkReply<'join'>): void {
    room.update(info)
    room.isLocked = info.locked === true
    room.slow = info.slow ?? 0
    room.members = info.here && new Map(info.here.map(user => [user.id, user]))
    room.log.begin(info.epoch, info.top, info.oldest)
    room.isJoined = true
    room.isLeft = false
    room.outside = ''
    this.outbox.flush()
    this.#options.changed()
  }

  async #countUnread(room: Room): Promise<void> {
    const after = room.unread.upTo
    const { log, top } = await this.connection.request('history', { room: room.name, after, limit: MAX_PAGE })
    for (const entry of log) this.#count(room, entry)
    room.unread.isMore = (log.at(-1)?.seq ?? after) < top
    this.#options.changed()
  }

  async #readMembers(room: Room): Promise<void> {
    const { members, count } = await this.connection.request('who', { room: room.name })
    room.count = count
    room.members = members.length === count ? new Map(members.map(user => [user.id, user])) : undefined
    this.#options.changed()
  }

  // What comes

  #push(push: Exclude<Push, ByePush>): void {
    if (push.t === 'notice') this.notice.tell(push.msg)
    const room = 'room' in push ? this.rooms.get(push.room) : undefined
    if (room === undefined) return
    if (push.t === 'entry') this.#entry(room, push)
    else if (push.t === 'sync') this.#sync(room, push)
    else if (push.t === 'read') this.#readElsewhere(room, push.seq)
    else if (push.t === 'typing') this.#typing(room, push.user, push.on)
    else if (push.t === 'presence') room.meet(push)
    else if (push.t === 'removed') this.#removed(room)
    this.#options.changed()
  }

  #entry(room: Room, entry: WireEntry): void {
    const result = room.log.apply(entry, seen => this.#seen(room, seen))
    if (room !== this.room) room.log.keep('newest')
    if (result === 'missing') void this.#readMissing(room).catch(() => undefined)
  }

  #sync(room: Room, push: SyncPush): void {
    if (room.log.sync(push, seen => this.#seen(room, seen))) return
    this.notice.tell('Some older messages are no longer available.')
    if (room === this.room) void this.history.loadOlder()
  }

  #seen(room: Room, entry: WireEntry): void {
    if (entry.cid !== undefined) this.outbox.arrived(entry.cid)
    room.typing.delete(entry.user.id)
    if (entry.kind === 'topic') room.topic = entry.data.topic
    if (entry.kind === 'mod') {
      if (entry.data.op === 'lock') room.isLocked = entry.data.on !== false
      if (entry.data.op === 'slow') room.slow = entry.data.secs ?? 0
      const isOut = entry.data.op === 'kick' || entry.data.op === 'ban'
      // They may be what messages wait for.
      if (!isOut) this.outbox.release(room.name)
      // The chat says so in a notice.
      if (isOut && entry.data.user?.id === this.user?.id) this.#forget(room)
    }
    if (entry.kind === 'edit' || entry.kind === 'del') this.#options.outdated(room, entry.data.seq)
    if (this.#count(room, entry)) this.#options.heard(room, entry)
  }

  /** Whether it is a new message of another user. */
  #count(room: Room, { kind, data, seq, user }: WireEntry): boolean {
    const { unread } = room
    if (kind === 'edit') unread.change(data.seq, this.isMentioned(room, data.body))
    if (kind === 'del') unread.remove(data.seq)
    return kind === 'msg' && user.id !== this.user?.id && unread.add(seq, this.isMentioned(room, data.body))
  }

  /** Whether a message of a room mentions this user. */
  isMentioned(room: Room, body: string): boolean {
    const nick = this.user?.nick ?? ''
    return nick !== '' && isMentioned(nick, body, room.names(nick))
  }

  /** Entries have overtaken those before them. One reading at a time; it goes on until there is no hole. */
  async #readMissing(room: Room): Promise<void> {
    if (room.isLoading) return
    room.isLoading = true
    try {
      while (room.log.isMissing) {
        const after = room.log.last
        const page = await this.connection.request('history', { room: room.name, after, limit: MAX_PAGE })
        if (page.gap || page.log.length === 0 || page.epoch !== room.log.epoch) {
          const { epoch, top } = page
          this.#sync(room, {
            t: 'sync',
            room: room.name,
            epoch,
            from: top + 1,
            to: top,
            ok: false,
            log: [],
            more: false,
          })
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
    this.#forget(room)
    this.notice.tell(`#${room.name} was removed.`)
  }

  #readElsewhere(room: Room, seq: number): void {
    room.unread.read(seq)
    if (room.unread.isMore) void this.#countUnread(room).catch(() => undefined)
  }

  #typing(room: Room, user: Author, on: boolean): void {
    const { clock, changed } = this.#options
    if (!on) room.typing.delete(user.id)
    else if (user.id !== this.user?.id) {
      room.typing.set(user.id, { user, until: clock.now() + TYPING_TIMEOUT })
      clock.after(TYPING_TIMEOUT, () => {
        if ((room.typing.get(user.id)?.until ?? 0) <= clock.now()) room.typing.delete(user.id)
        changed()
      })
    }
  }

  // Reading

  /** Shows another room. */
  show(name: string): void {
    const room = this.rooms.get(name)
    if (room === undefined) return
    if (this.room) this.room.newAfter = undefined
    if (this.room?.isLeft && name !== this.current) this.rooms.delete(this.current)
    this.current = name
    this.#options.storage.setItem(CURRENT, name)
    const { count, upTo } = room.unread
    room.newAfter = count > 0 && upTo > 0 ? upTo : undefined
    if (room.log.items.length === 0) void this.history.loadOlder()
    void (this.isOpen && room.isJoined && this.#readMembers(room).catch(() => undefined))
    this.#options.changed()
  }

  /** All that there is in the room that is shown has been seen. */
  seeAll(): void {
    const { room } = this
    if (room === undefined || !room.isJoined || !room.log.isAtEnd || room.unread.upTo >= room.log.last) return
    room.unread.read(room.log.last)
    room.unread.isMore = false
    // Read marks may be lost, but not many at once sent.
    if (!this.#reads.has(room.name)) this.#options.clock.after(500, () => this.#sendRead(room))
    this.#reads.add(room.name)
    this.#options.changed()
  }

  #sendRead(room: Room): void {
    this.#reads.delete(room.name)
    this.connection.remark({ t: 'read', room: room.name, seq: room.unread.upTo })
  }

  /**
   * A message came that the person does not see: the first unread one stands below the line that
   * says "new".
   */
  lookAway(): void {
    const { room } = this
    if (room?.unread.count === 1) room.newAfter = room.unread.upTo
  }

  /** Rejects as `Connection.request` does. */
  search(q: string, before?: number): Promise<OkReply<'search'>> {
    return this.connection.request('search', { q, limit: 20, ...(before !== undefined && { before }) })
  }

  /** Rejects as `Connection.request` does, with nothing of the pages that were read. */
  async allRooms(): Promise<readonly RoomInfo[]> {
    const rooms: RoomInfo[] = []
    for (let after: string | undefined; ; ) {
      const page = await this.connection.request('rooms', { ...(after !== undefined && { after }) })
      rooms.push(...page.rooms)
      after = page.next
      if (after === undefined) return rooms
    }
  }

  // Doing

  /** Says something in the room that is shown, now or as soon as there is a connection. */
  say(body: string, as?: 'me'): void {
    const { room } = this
    if (room === undefined) return
    const reply = room.replyTo
    this.#write({
      t: 'send',
      fields: {
        room: room.name,
        cid: makeCid(),
        body,
        ...(as && { as }),
        ...(reply !== undefined && { reply }),
      },
    })
    room.replyTo = undefined
    room.newAfter = undefined
    this.#typedAt = 0
  }

  edit(seq: number, body: string): void {
    this.#write({ t: 'edit', fields: { room: this.current, cid: makeCid(), seq, body } })
  }

  remove(seq: number): void {
    this.#write({ t: 'del', fields: { room: this.current, cid: makeCid(), seq } })
  }

  react(seq: number, emoji: string): void {
    const reactions = Object.entries(this.room?.log.find(seq)?.fold?.reactions ?? {})
    const reactors = reactions.find(([other]) => isSameEmoji(other, emoji))?.[1] ?? []
    const on = !reactors.includes(this.user?.id ?? '')
    this.#write({ t: 'react', fields: { room: this.current, cid: makeCid(), seq, emoji, on } })
  }

  setTopic(topic: string): void {
    this.#write({ t: 'topic', fields: { room: this.current, cid: makeCid(), topic } })
  }

  #write(write: Write): void {
    if (this.user === undefined) return
    try {
      this.outbox.add(write, this.user.id)
    } catch (error) {
      this.notice.tell((error as Error).message)
    }
  }

  async #sendWrite(write: Write): Promise<{ readonly seq: number }> {
    const { room } = write.fields
    const result = await this.connection.request(write.t, write.fields as never)
    // Its entry may have come before its reply.
    if ((this.rooms.get(room)?.log.last ?? 0) >= (result as OkReply<'send'>).seq)
      this.outbox.arrived(write.fields.cid)
    return result as OkReply<'send'>
  }

  /** Joins a room, and creates it if there is none. */
  async enter(name: string): Promise<void> {
    if (this.rooms.get(name)?.isJoined !== true) await this.#join(new Room(name), true)
    this.show(name)
  }

  /**
   * Leaves the room that is shown, which stays in view. Rejects as `Connection.request` does, and
   * for the lobby with a {@link Mistake}.
   */
  async leave(): Promise<void> {
    const { room } = this
    if (room === undefined) return
    if (room.name === LOBBY) throw new Mistake("You can't leave the lobby.")
    await this.connection.request('leave', { room: room.name })
    room.isJoined = false
    room.isLeft = true
    room.outside = `You left #${room.name}.`
    room.typing.clear()
    this.#options.changed()
  }

  /** Joins the room that is shown again. */
  async joinAgain(): Promise<void> {
    const { room } = this
    if (room === undefined) return
    room.outside = ''
    await this.#join(room).catch((error: unknown) => this.#notJoined(room, error))
  }

  /** Rejects as `Connection.request` does. */
  async removeRoom(room: string): Promise<void> {
    await this.connection.request('remove', { room })
  }

  async moderate(fields: Omit<Fields<'mod'>, 'room'>): Promise<void> {
    await this.connection.request('mod', { room: this.current, ...fields })
  }

  /** Something is being written. Said at most once in three seconds. */
  type(isWriting: boolean): void {
    const now = this.#options.clock.now()
    const isDue = isWriting ? now - this.#typedAt >= TYPING_INTERVAL : this.#typedAt > 0
    if (!isDue) return
    this.#typedAt = isWriting ? now : 0
    this.connection.remark({ t: 'typing', room: this.current, on: isWriting })
  }

  /** The lobby is always there, even for who may not be in it. */
  #forget(room: Room): void {
    room.isJoined = false
    if (room.name !== LOBBY) this.rooms.delete(room.name)
    if (this.current === room.name) this.show(LOBBY)
    this.#options.changed()
  }

  #roomNamed(name: string): Room {
    const room = this.rooms.get(name) ?? new Room(name)
    this.rooms.set(name, room)
    return room
  }
}
