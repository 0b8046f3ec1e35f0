// A plain client of the chat, for tests: sends requests, awaits replies, and keeps all pushes in
// order.

import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'
import { SUBPROTOCOL } from '../src/wire/constants.ts'
import type { ErrorReply, OkReply, Push, Replies, Request } from '../src/wire/messages.ts'

type Asked<T extends Request['t']> = Omit<Extract<Request, { t: T }>, 't' | 'id'>

/** Milliseconds that a test waits before it fails with the messages received instead. */
const PATIENCE = 5000

/** An error that the chat replied with. */
class Refused extends Error {
  readonly reply: ErrorReply
  constructor(reply: ErrorReply) {
    super(`${reply.code}: ${reply.msg}`)
    this.reply = reply
  }
}

export class TestClient implements AsyncDisposable {
  /** All pushes so far, in order. */
  readonly pushes: Push[] = []
  /** The received close code and reason. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly socket: WebSocket
  readonly #replies = new Map<number, (reply: OkReply | ErrorReply) => void>()
  readonly #watchers = new Set<() => void>()
  /** Errors without the id of a request. */
  readonly strays: ErrorReply[] = []
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('message', data => this.#take(JSON.parse(String(data))))
    this.closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }))
    void this.closed.then(() => this.#look())
  }

  /** Connects, without a word. Rejects where the upgrade is refused. */
  static async connect(port: number, options: ClientOptions = {}): Promise<TestClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, [SUBPROTOCOL], {
      perMessageDeflate: false,
      ...options,
    })
    const client = new TestClient(socket)
    await once(socket, 'open')
    return client
  }

  /** Connects and is a guest of this name. */
  static async guest(
    port: number,
    nick: string,
    options: ClientOptions = {},
  ): Promise<TestClient & { readonly hello: Replies['hello'] }> {
    const client = await TestClient.connect(port, options)
    const hello = await client.ask('hello', { v: 1, nick })
    return Object.assign(client, { hello })
  }

  /** Sends a request and awaits its reply. Rejects with {@link Refused}. */
  async ask<T extends Request['t']>(t: T, asked: Asked<T>): Promise<Replies[T]> {
    const id = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<OkReply | ErrorReply>()
    this.#replies.set(id, resolve)
    this.say({ ...asked, t, id })
    const reply = await Promise.race([promise, this.#lost(t)])
    if (reply.t === 'err') throw new Refused(reply)
    const { t: _, id: __, ...fields } = reply
    return fields as unknown as Replies[T]
  }

  /** The error that a request is answered with. Rejects where it is not. */
  async refusal<T extends Request['t']>(t: T, fields: Asked<T>): Promise<ErrorReply> {
    try {
      await this.ask(t, fields)
    } catch (error) {
      if (error instanceof Refused) return error.reply
      throw error
    }
    throw new Error(`${t} was not refused`)
  }

  /** Sends anything. */
  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** All pushes of one kind so far. */
  all<T extends Push['t']>(t: T): readonly Extract<Push, { t: T }>[] {
    return this.pushes.filter((push): push is Extract<Push, { t: T }> => push.t === t)
  }

  /** The first push of a kind that matches, received already or later. */
  async push<T extends Push['t']>(
    t: T,
    isWanted: (push: Extract<Push, { t: T }>) => boolean = () => true,
  ): Promise<Extract<Push, { t: T }>> {
    await this.until(() => this.all(t).some(isWanted), t)
    return this.all(t).find(isWanted)!
  }

  /** Resolves when a condition holds, which is checked at each message. */
  until(holds: () => boolean, what = 'what was waited for'): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      const last = JSON.stringify(this.pushes.slice(-5)).slice(0, 1000)
      reject(new Error(`${what} did not come; the last of ${this.pushes.length}: ${last}`))
    }, PATIENCE)
    const look = () => {
      if (holds()) resolve()
    }
    this.#watchers.add(look)
    look()
    return promise.finally(() => {
      clearTimeout(timer)
      this.#watchers.delete(look)
    })
  }

  /** The received entries of a room, live and from syncs, merged by position. */
  log(room: string): readonly number[] {
    return this.pushes.flatMap(push => {
      if (push.t === 'entry' && push.room === room) return [push.seq]
      if (push.t === 'sync' && push.room === room) return push.log.map(({ seq }) => seq)
      return []
    })
  }

  /** Disconnects, and waits for the end. */
  async leave(): Promise<void> {
    this.socket.close()
    await this.closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return
    this.socket.terminate()
    await this.closed
  }

  #take(message: OkReply | ErrorReply | Push): void {
    if (message.t === 'ok' || message.t === 'err') {
      const take = message.id === undefined ? undefined : this.#replies.get(message.id)
      if (take) take(message)
      else if (message.t === 'err') this.strays.push(message)
    } else this.pushes.push(message)
    this.#look()
  }

  #look(): void {
    for (const look of this.#watchers) look()
  }

  async #lost(t: string): Promise<never> {
    const { code, reason } = await this.closed
    // A reply that came with the Close has been taken by now.
    await new Promise(resolve => setImmediate(resolve))
    throw new Error(`closed with ${code} ${reason} before ${t} was replied to`)
  }
}
