// The connection of the page: says hello, matches replies to requests, notices silence, and
// reconnects. Independent of rooms and views.

import { SUBPROTOCOL, VERSION } from '../../../src/wire/constants.ts'
import type {
  ByePush,
  ErrorReply,
  HelloRequest,
  Notification,
  OkReply,
  Push,
  Replies,
  Request,
  ServerMessage,
} from '../../../src/wire/messages.ts'
import type { Clock } from './clock.ts'
import { isStopped, meaningOf } from './close-codes.ts'

/** The fields of a request, without `t` and `id`. */
export type Fields<T extends Request['t']> = Omit<Extract<Request, { t: T }>, 't' | 'id'>

export type ConnectionState =
  | { readonly name: 'connecting' }
  | { readonly name: 'open' }
  /** Connects again at `until`, in milliseconds since 1970. */
  | { readonly name: 'waiting'; readonly until: number; readonly why: string }
  /**
   * Does not connect again before `start`. `error`: the chat's answer to the hello, if it was that.
   */
  | {
      readonly name: 'stopped'
      readonly code: number
      readonly why: string
      readonly error?: RequestError
    }

export interface ConnectionOptions {
  readonly url: string
  readonly clock: Clock
  /** A number from 0 to 1. */
  readonly random: () => number
  readonly WebSocket: typeof WebSocket
  /** The fields of the first message on each connection. */
  hello(): Omit<HelloRequest, 't' | 'id' | 'v'>
  /** The chat has answered the hello. Called before `state` reports the open connection. */
  welcome(reply: OkReply<'hello'>): void
  push(push: Exclude<Push, ByePush>): void
  state(state: ConnectionState): void
}

/** The chat refused a request. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: ErrorReply['code']
  /** Milliseconds after which the same may succeed; undefined where it will not. */
  readonly retry: number | undefined

  constructor({ code, msg, temporary, retry }: ErrorReply) {
    super(msg)
    this.code = code
    this.retry = temporary ? (retry ?? 1000) : undefined
  }
}

/** The connection ended before the reply: whether it was done is unknown. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected'
  override readonly message = 'Not connected.'
}

/**
 * Milliseconds: for a connection and its hello; for the answer to a ping; for a connection to count
 * as stable.
 */
const OPEN_TIMEOUT = 10_000
const PING_TIMEOUT = 5000
const HELD = 10_000

const FIRST_WAIT = 500
const LONGEST_WAIT = 30_000

/** The chat takes 20 frames a second, 40 at once: this page stays below that. */
const FRAMES_AT_ONCE = 30
const FRAME_INTERVAL = 66

interface Waiting {
  resolve(reply: OkReply): void
  reject(error: Error): void
}

export class Connection {
  readonly #options: ConnectionOptions
  readonly #waiting = new Map<number, Waiting>()
  #state: ConnectionState = { name: 'stopped', code: 1000, why: '' }
  #socket: WebSocket | undefined
  #bye: ByePush | undefined
  #nextId = 1
  #tries = 0
  #openedAt = 0
  /** The upgrade was accepted. */
  #isUpgraded = false
  #heartbeat = OPEN_TIMEOUT
  #cancelTimer = (): void => undefined
  #frames: string[] = []
  #sentLately = 0
  #cancelPace: (() => void) | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Connects now, unless it is connected or about to be. */
  start(): void {
    if (this.#socket === undefined) this.#connect()
  }

  /** Closes the connection and stays closed. */
  stop(why: string): void {
    this.#end({ name: 'stopped', code: 1000, why })
  }

  /**
   * Something outside has changed: the network, or the page is visible again. Connects at once, or
   * checks that the chat still answers.
   */
  wake(): void {
    if (this.#state.name === 'waiting') this.#connect()
    else if (this.#state.name === 'open') this.#ping()
  }

  /** Rejects with {@link RequestError} or {@link Disconnected}. */
  request<T extends keyof Replies>(t: T, fields: Fields<T>): Promise<OkReply<T>> {
    if (this.#state.name !== 'open') return Promise.reject(new Disconnected())
    return this.#ask(t, fields)
  }

  /** Sends a notification, if there is a connection. */
  notify(notification: Notification): void {
    if (this.#state.name === 'open') this.#send(notification)
  }

  #connect(): void {
    const { url, WebSocket } = this.#options
    this.#cancelTimer()
    this.#bye = undefined
    this.#openedAt = 0
    this.#isUpgraded = false
    const socket = new WebSocket(url, SUBPROTOCOL)
    this.#socket = socket
    const current = (call: () => void) => () => {
      if (this.#socket === socket) call()
    }
    socket.addEventListener(
      'open',
      current(() => this.#sayHello()),
    )
    socket.addEventListener('message', event => current(() => this.#receive(event.data))())
    socket.addEventListener('close', event => current(() => this.#closed(event.code, event.reason))())
    this.#timer(OPEN_TIMEOUT, () => this.#lose("The chat doesn't respond."))
    this.#become({ name: 'connecting' })
  }

  #sayHello(): void {
    this.#isUpgraded = true
    this.#ask('hello', { v: VERSION, ...this.#options.hello() }).then(
      reply => this.#welcomed(reply),
      (error: Error) => this.#refused(error),
    )
  }

  #welcomed(reply: OkReply<'hello'>): void {
    this.#openedAt = this.#options.clock.now()
    this.#heartbeat = reply.hb
    this.#hear()
    this.#options.welcome(reply)
    this.#become({ name: 'open' })
  }

  #refused(error: Error): void {
    if (!(error instanceof RequestError)) return // The close says why.
    if (error.retry !== undefined) this.#wait(Math.max(error.retry, this.#backoff()), error.message)
    else this.#end({ name: 'stopped', code: 0, why: error.message, error })
  }

  #receive(data: unknown): void {
    const message = readMessage(data)
    if (message === undefined) {
      this.#lose("The chat sent a message that this page can't read.")
      return
    }
    this.#hear()
    if (message.t === 'ok' || message.t === 'err') this.#reply(message)
    else if (message.t === 'bye') this.#bye = message
    else if (this.#state.name === 'open') this.#options.push(message)
  }

  #reply(reply: OkReply | ErrorReply): void {
    const waiting = reply.id === undefined ? undefined : this.#waiting.get(reply.id)
    if (waiting === undefined) return
    this.#waiting.delete(reply.id!)
    if (reply.t === 'ok') waiting.resolve(reply)
    else waiting.reject(new RequestError(reply))
  }

  #closed(code: number, reason: string): void {
    const bye = this.#bye
    // A browser does not tell a refused upgrade from a host that is down.
    const meaning = this.#isUpgraded ? meaningOf(code) : "Couldn't connect to the chat."
    const why = bye?.reason || reason || meaning
    if (bye ? !bye.reconnect : isStopped(code)) this.#end({ name: 'stopped', code: bye?.code ?? code, why })
    else this.#wait(bye?.after ?? this.#backoff(), why)
  }

  #lose(why: string): void {
    this.#wait(this.#backoff(), why)
  }

  #wait(ms: number, why: string): void {
    this.#end({ name: 'waiting', until: this.#options.clock.now() + ms, why })
    this.#timer(ms, () => this.#connect())
  }

  /**
   * Full jitter: up to 0.5 s, 1 s, 2 s … 30 s, so that clients do not reconnect at the same time.
   */
  #backoff(): number {
    const { clock, random } = this.#options
    if (this.#openedAt > 0 && clock.now() - this.#openedAt >= HELD) this.#tries = 0
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries)
    this.#tries += 1
    return random() * longest
  }

  /**
   * Later events of the socket are ignored: a dead one may take minutes to report that it has
   * closed.
   */
  #end(state: ConnectionState): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#cancelTimer()
    this.#cancelPace?.()
    this.#cancelPace = undefined
    this.#frames = []
    this.#sentLately = 0
    socket?.close()
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#become(state)
    for (const { reject } of waiting) reject(new Disconnected())
  }

  #become(state: ConnectionState): void {
    this.#state = state
    this.#options.state(state)
  }

  #hear(): void {
    if (this.#openedAt > 0) this.#timer(this.#heartbeat, () => this.#ping())
  }

  #ping(): void {
    this.#ask('ping', {}).catch(() => undefined)
    this.#timer(PING_TIMEOUT, () => this.#lose('Connection lost.'))
  }

  #ask<T extends keyof Replies>(t: T, fields: Fields<T>): Promise<OkReply<T>> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (reply: OkReply) => void, reject })
      this.#send({ t, id, ...fields })
    })
  }

  #send(message: object): void {
    this.#frames.push(JSON.stringify(message))
    this.#flush()
  }

  #flush(): void {
    while (this.#frames.length > 0 && this.#sentLately < FRAMES_AT_ONCE) {
      this.#sentLately += 1
      this.#socket?.send(this.#frames.shift()!)
    }
    if (this.#sentLately > 0)
      this.#cancelPace ??= this.#options.clock.after(FRAME_INTERVAL, () => this.#pace())
  }

  #pace(): void {
    this.#cancelPace = undefined
    this.#sentLately -= 1
    this.#flush()
  }

  /** There is one thing at a time to wait for. */
  #timer(ms: number, call: () => void): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#options.clock.after(ms, call)
  }
}

/** The types are the chat's promise; this only checks that it is a message at all. */
function readMessage(data: unknown): ServerMessage | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const message: unknown = JSON.parse(data)
    return typeof message === 'object' && message !== null && 't' in message
      ? (message as ServerMessage)
      : undefined
  } catch {
    return undefined
  }
}
