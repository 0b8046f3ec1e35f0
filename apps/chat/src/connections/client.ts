// A connection: its user, its rooms, its allowances and its unsent messages. Independent of the
// kinds of requests.

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
import { nameKey } from '../text/name-key.ts'
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

  /**
   * Throws {@link Departed} if the connection has closed. Called between the steps of long
   * requests.
   */
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

  /** The user as others see them; undefined if the connection is not signed in. */
  get user(): User | undefined {
    if (this.#account === undefined) return undefined
    const { id, nick, guest, admin: isAdmin } = this.#account
    const admin = !guest && (isAdmin === true || this.#context.admins.has(nameKey(nick)))
    return { id, nick, guest, ...(admin && { admin }) }
  }

  /**
   * Assigns the connection to a user, in no room yet. `renew` is called periodically while the user
   * stays.
   */
  signIn(account: Account, session: string, renew: () => void): void {
    this.signOut()
    this.#account = account
    this.#session = session
    // The connection may have closed while the user was looked up.
    if (!this.isOpen) return
    this.#users.add(account.id, this)
    this.#renewTimer = setInterval(renew, this.#context.times.renew).unref()
  }

  /** The same user has another session. */
  changeSession(session: string): void {
    this.#session = session
  }

  /** Whether the user has written on this connection. A guest who has not is forgotten soon. */
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

  /** Ends the relation to a user. */
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

  /**
   * Adds the connection to a room, whose presence already counts the user. Call `start` of the
   * result to begin sending.
   */
  enter(room: Room, user: string, since: Position, owed: boolean): Follower {
    const follower = new Follower(this, user, room, since, owed)
    this.#rooms.set(room.name, { room, follower })
    room.add(follower)
    // The connection may have closed while the room was opened.
    if (!this.isOpen) this.leave(room.name)
    return follower
  }

  /** Removes the connection from a room. With `kept` the user stays present for a while. */
  leave(name: string, kept = false): void {
    const membership = this.#rooms.get(name)
    if (membership === undefined) return
    this.#rooms.delete(name)
    membership.room.remove(membership.follower, kept)
  }

  // ── what it may do ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Takes one write from the allowance. Throws a {@link RequestError} if none is left; a client
   * that keeps writing is disconnected.
   */
  spendWrite(): void {
    const now = performance.now()
    if (!this.#writes.take(1, now))
      throw tooQuick(this.#writes.wait, this.#refusals.take(1, now) ? undefined : CloseCode.flooding)
    // A client that shares an address is not disconnected for the writes of another.
    spendAddressWrite(this, this.#context)
  }

  /**
   * Takes `cost` bytes from the read allowance. Throws a {@link RequestError} if nothing is left.
   */
  spendRead(cost: number): void {
    const retry = this.replies.wait()
    if (retry > 0) throw tooMany('requests', retry)
    this.replies.charge(cost)
  }

  /** Does a send, or throws a {@link RequestError} where too many wait already. */
  async send<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#pending >= MAX_PENDING) {
      const message = `${MAX_PENDING} sends are already waiting for a reply`
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

  /**
   * False where it reads too slowly for more: wait for `ready`. `paidBy` is charged with its bytes.
   */
  say(message: ServerMessage, paidBy?: ReadAllowance): boolean {
    const text = JSON.stringify(message)
    paidBy?.charge(Buffer.byteLength(text))
    // Compression would reveal the token by the size of the message, which also has text of other
    // users, such as topics (RFC 7692 §8).
    const isSecret = 'token' in message
    return this.#socket.send(text, isSecret ? { compress: false } : {})
  }

  /** Sends a message that is encoded once for many receivers. Returns as `say` does. */
  push(message: PreparedMessage): boolean {
    return this.#socket.send(message)
  }

  /**
   * Resolves when there is room, or when the connection has ended. It is ended if there is none for
   * too long.
   */
  async ready(): Promise<void> {
    if (this.#socket.bufferedAmount < HIGH_WATER_MARK) return
    const { slow } = this.#context.times
    const late = (): void => {
      this.end(CloseCode.tooSlow, `no data was read within ${slow} ms`, { reconnect: true })
    }
    const timer = setTimeout(late, slow).unref()
    await this.#socket.ready
    clearTimeout(timer)
  }

  /**
   * Runs one task after the other, so that at most one page waits for a slow reader, in however
   * many rooms they are.
   */
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
    this.#context.log('info', 'closing', { conn: this.id, user: this.#account?.id, code })
    this.bye(code, reason, back)
    this.#socket.close(code, cut(reason))
  }

  /** Puts it out of the chat: out of its rooms at once, and with a good-bye. */
  expel(code: number, reason: string): void {
    for (const name of [...this.#rooms.keys()]) this.leave(name)
    this.end(code, reason)
  }

  /** Says good-bye. The caller closes. */
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

/**
 * As much of a reason as a Close frame takes, 123 bytes (RFC 6455 §5.5): of UTF-8, in which a
 * character has at most four.
 */
function cut(reason: string): string {
  const bytes = new TextEncoder().encode(reason)
  return bytes.length <= 123 ? reason : `${[...reason].slice(0, 30).join('')}…`
}
