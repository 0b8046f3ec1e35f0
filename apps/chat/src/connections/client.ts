// One connection: who it is, which rooms it is in, how much it may do, and what waits for it. Knows the language of no request.

import { addressGroup, type PreparedMessage, RateLimiter, type Socket } from '@ws/server'
import { makeId } from '../accounts/token.ts'
import type { Context } from '../context/context.ts'
import { FRAME_RATE, HIGH_WATER_MARK, REFUSAL_RATE } from '../context/options.ts'
import type { Account } from '../engine/engine.ts'
import type { Position } from '../log/entry.ts'
import { spendAddressWrite, tooQuick } from '../policy/rate-limits.ts'
import { ReadAllowance } from '../policy/read-allowance.ts'
import { Departed, RequestError, tooMany } from '../policy/request-error.ts'
import { Follower } from '../rooms/follower.ts'
import type { Receiver } from '../rooms/receiver.ts'
import type { Room } from '../rooms/room.ts'
import { nickKey } from '../text/name-key.ts'
import { CloseCode, MAX_PENDING } from '../wire/constants.ts'
import type { ServerMessage, User } from '../wire/messages.ts'
import type { ConnectedUsers } from './connected-users.ts'

interface Membership {
  readonly room: Room
  readonly follower: Follower
}

export class Client implements Receiver {
  /** Names it in logs, and to its own user. */
  readonly id = makeId()
  /** The IPv4 address or IPv6 /64 that limits per address count. */
  readonly addressGroup: string
  /** The same with the whole /48 around an IPv6 address. */
  readonly network: string
  /** The read allowances: of replies, and of missed entries. */
  readonly replies: ReadAllowance
  readonly syncs: ReadAllowance
  readonly #context: Context
  readonly #users: ConnectedUsers<Client>
  readonly #socket: Socket
  readonly #rooms = new Map<string, Membership>()
  readonly #writes: RateLimiter
  readonly #refusals: RateLimiter
  readonly #helloTimer: NodeJS.Timeout
  #greeted = false
  #account: Account | undefined
  #session: string | undefined
  #hasWritten = false
  #renewTimer: NodeJS.Timeout | undefined
  #pending = 0
  #turn: Promise<void> = Promise.resolve()
  readonly #gone = new AbortController()

  constructor(context: Context, users: ConnectedUsers<Client>, socket: Socket) {
    this.#context = context
    this.#users = users
    this.#socket = socket
    this.addressGroup = addressGroup(socket.remoteAddress)
    this.network = addressGroup(socket.remoteAddress, 48)
    this.replies = new ReadAllowance('read', this, context)
    this.syncs = new ReadAllowance('sync', this, context)
    const now = performance.now()
    this.#writes = new RateLimiter(context.writeRate, now)
    this.#refusals = new RateLimiter(REFUSAL_RATE, now)
    const { hello } = context.times
    this.#helloTimer = setTimeout(() => {
      this.end(CloseCode.noHello, `no hello within ${hello} ms`, { reconnect: true })
    }, hello).unref()
  }

  /** Of the client; an IPv4 address as such, also where the socket is an IPv6 one. */
  get address(): string {
    return this.#socket.remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '')
  }

  get isOpen(): boolean {
    return this.#socket.state === 'open'
  }

  /** Aborted when the connection has closed. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Throws {@link Departed} if the connection has closed. Called between the steps of long requests. */
  checkOpen(): void {
    if (!this.isOpen) throw new Departed()
  }

  // ── who it is ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether it has said hello. */
  get isGreeted(): boolean {
    return this.#greeted
  }

  greet(): void {
    this.#greeted = true
    clearTimeout(this.#helloTimer)
  }

  get account(): Account | undefined {
    return this.#account
  }

  /** The hash of the token it signed in with. */
  get session(): string | undefined {
    return this.#session
  }

  /** Who it is, as others see him. Undefined where nobody has signed in. */
  get user(): User | undefined {
    if (this.#account === undefined) return undefined
    const { id, nick, guest, admin: isAdmin } = this.#account
    const admin = !guest && (isAdmin === true || this.#context.admins.has(nickKey(nick)))
    return { id, nick, guest, ...(admin && { admin }) }
  }

  /** It is that user's from now on, and in no room yet. `renew` is called now and again for as long as that is so. */
  signIn(account: Account, session: string, renew: () => void): void {
    this.signOut()
    this.#account = account
    this.#session = session
    // It may have gone while its user was looked for.
    if (!this.isOpen) return
    this.#users.add(account.id, this)
    this.#renewTimer = setInterval(renew, this.#context.times.renew).unref()
  }

  /** The same user has another session. */
  changeSession(session: string): void {
    this.#session = session
  }

  /** Whether its user has written something on this connection: not only a guest who came and went. */
  get hasWritten(): boolean {
    return this.#hasWritten
  }

  /** False if it was known already. */
  markWritten(): boolean {
    if (this.#hasWritten) return false
    this.#hasWritten = true
    return true
  }

  /** The same user, otherwise described. */
  become(account: Account): void {
    this.#account = account
    for (const { room } of this.#rooms.values()) room.presence.rename({ id: account.id, nick: account.nick })
  }

  /** It is nobody's. */
  signOut(): void {
    for (const name of [...this.#rooms.keys()]) this.leave(name)
    if (this.#account !== undefined) this.#users.delete(this.#account.id, this)
    this.#account = undefined
    this.#session = undefined
    this.#hasWritten = false
    clearInterval(this.#renewTimer)
  }

  // ── its rooms ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  get rooms(): ReadonlyMap<string, Membership> {
    return this.#rooms
  }

  /** The room of this name; throws a {@link RequestError} where it is not in it. */
  in(name: string): Room {
    const membership = this.#rooms.get(name)
    if (membership === undefined) throw new RequestError('forbidden', `join ${name} first`)
    return membership.room
  }

  /** It is in a room, whose presence has its user already; `start` of what is returned begins to send. */
  enter(room: Room, user: string, since: Position, owed: boolean): Follower {
    const follower = new Follower(this, user, room, since, owed)
    this.#rooms.set(room.name, { room, follower })
    room.add(follower)
    // It may have gone while the room was opened.
    if (!this.isOpen) this.leave(room.name)
    return follower
  }

  /** It is not any more. With `kept` its user is said to be there for a while yet. */
  leave(name: string, kept = false): void {
    const membership = this.#rooms.get(name)
    if (membership === undefined) return
    this.#rooms.delete(name)
    membership.room.remove(membership.follower, kept)
  }

  // ── what it may do ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes one write off what is allowed. Throws a {@link RequestError} where none is left; who does not heed that has to go. */
  spendWrite(): void {
    const now = performance.now()
    if (!this.#writes.take(1, now))
      throw tooQuick(this.#writes.wait, this.#refusals.take(1, now) ? undefined : CloseCode.flooding)
    // Those who share an address do not have to go for what another has written.
    spendAddressWrite(this, this.#context)
  }

  /** Takes `cost` bytes off what it may be sent. Throws a {@link RequestError} where nothing is left. */
  spendRead(cost: number): void {
    const retry = this.replies.wait()
    if (retry > 0) throw tooMany('requests', retry)
    this.replies.charge(cost)
  }

  /** Does a send, or throws a {@link RequestError} where too many wait already. */
  async send<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#pending >= MAX_PENDING) {
      const message = `${MAX_PENDING} sends wait for their reply already`
      throw new RequestError('busy', message, { retry: 1000 / FRAME_RATE.perSecond })
    }
    this.#pending++
    try {
      return await work()
    } finally {
      this.#pending--
    }
  }

  // ── what it is told ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** False where it reads too slowly for more: wait for `ready`. `paidBy` is charged with its bytes. */
  say(message: ServerMessage, paidBy?: ReadAllowance): boolean {
    const text = JSON.stringify(message)
    paidBy?.charge(Buffer.byteLength(text))
    // Compressed, its size would tell of the token, for beside it stands what others wrote: topics (RFC 7692 §8).
    const isSecret = 'token' in message
    return this.#socket.send(text, isSecret ? { compress: false } : {})
  }

  /** The same for what goes to many. */
  push(message: PreparedMessage): boolean {
    return this.#socket.send(message)
  }

  /** Resolves when there is room, or the connection has ended: it is ended when there is none for too long. */
  async ready(): Promise<void> {
    if (this.#socket.bufferedAmount < HIGH_WATER_MARK) return
    const { slow } = this.#context.times
    const late = (): void => {
      this.end(CloseCode.tooSlow, `nothing that waits was read within ${slow} ms`, { reconnect: true })
    }
    const timer = setTimeout(late, slow).unref()
    await this.#socket.ready
    clearTimeout(timer)
  }

  /** Does one thing after the other, so that what waits for a slow reader is one page, in however many rooms it is. */
  async inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(task)
    this.#turn = turn.catch(() => {})
    await turn
  }

  // ── its end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Says good-bye and closes. `after`: milliseconds until it should be back, if it should. */
  end(
    code: number,
    reason: string,
    back: { readonly after?: number; readonly reconnect?: boolean } = {},
  ): void {
    if (!this.isOpen) return
    this.#context.log('info', 'bye', { conn: this.id, user: this.#account?.id, code })
    this.bye(code, reason, back)
    this.#socket.close(code, cut(reason))
  }

  /** Puts it out of the chat: out of its rooms at once, and with a good-bye. */
  expel(code: number, reason: string): void {
    for (const name of [...this.#rooms.keys()]) this.leave(name)
    this.end(code, reason)
  }

  /** Says good-bye. Somebody else closes. */
  bye(
    code: number,
    reason: string,
    { after = 0, reconnect = false }: { readonly after?: number; readonly reconnect?: boolean } = {},
  ): void {
    this.say({ t: 'bye', code, reason, after, reconnect })
  }

  /** It has closed. Its user may be back soon. */
  closed(): void {
    this.#gone.abort()
    clearTimeout(this.#helloTimer)
    clearInterval(this.#renewTimer)
    for (const name of [...this.#rooms.keys()]) this.leave(name, true)
    if (this.#account !== undefined) this.#users.delete(this.#account.id, this)
  }
}

/** As much of a reason as a Close frame takes, 123 bytes (RFC 6455 §5.5): of UTF-8, in which a character has at most four. */
function cut(reason: string): string {
  const bytes = new TextEncoder().encode(reason)
  return bytes.length <= 123 ? reason : `${[...reason].slice(0, 30).join('')}…`
}
