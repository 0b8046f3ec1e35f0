// One connection to the chat, by its public protocol: requests and their replies, and what comes unasked. Knows nothing of what is asked.

import { once } from 'node:events'
import { WebSocket } from 'ws'

/** An entry as the protocol has it. */
export interface Entry {
  readonly seq: number
  readonly kind: string
  readonly data: {
    readonly body?: unknown
    readonly seq?: unknown
    readonly emoji?: unknown
    readonly on?: unknown
  }
  /** What has become of a message. */
  readonly fold?: { readonly body?: string; readonly reactions?: Readonly<Record<string, readonly string[]>> }
}

/** What a message of the server has, as far as it matters here. */
export type ServerMessage = Readonly<Record<string, unknown>> & { readonly t: string; readonly id?: number }

/** A reply that is an error. */
export class Refused extends Error {
  readonly code: string
  readonly temporary: boolean
  /** Milliseconds to wait. */
  readonly retry: number

  constructor(reply: ServerMessage) {
    super(`${reply.code}: ${reply.msg}`)
    this.code = String(reply.code)
    this.temporary = reply.temporary === true || reply.code === 'rate_limited' || reply.code === 'busy'
    this.retry = typeof reply.retry === 'number' ? reply.retry : 0
  }
}

/** There is no reply, and there will be none on this connection. */
export class Cut extends Error {}

const SUBPROTOCOL = 'chat.v1.json'

/** How most of what comes begins, and what who only publishes need not read any further. */
const ENTRY = '{"t":"entry"'

export class Connection {
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>
  readonly #socket: WebSocket
  readonly #patience: number
  readonly #onPush: ((push: ServerMessage) => void) | undefined
  readonly #replies = new Map<number, (reply: ServerMessage) => void>()
  #lastId = 0
  /** When anything last came. */
  heardAt: number = performance.now()

  private constructor(socket: WebSocket, patience: number, onPush?: (push: ServerMessage) => void) {
    this.#socket = socket
    this.#patience = patience
    this.#onPush = onPush
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => this.#take(data))
    this.ended = new Promise(resolve => socket.once('close', () => resolve()))
  }

  /**
   * Connects to a port of this machine. Rejects with {@link Cut}. Who does not answer within `patience` milliseconds, at the start or
   * later, is given up. Without `onPush` nobody wants to know what comes unasked.
   */
  static async open(
    port: number,
    patience: number,
    onPush?: (push: ServerMessage) => void,
  ): Promise<Connection> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, [SUBPROTOCOL], {
      perMessageDeflate: false,
      handshakeTimeout: patience,
    })
    const connection = new Connection(socket, patience, onPush)
    const opened = once(socket, 'open').then(
      () => true,
      () => false,
    )
    if (await Promise.race([opened, connection.ended.then(() => false)])) return connection
    throw new Cut('not connected')
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  /** A request and its reply. Rejects with {@link Refused}, with {@link Cut}; then the connection has ended. */
  async ask(t: string, fields: Readonly<Record<string, unknown>> = {}): Promise<ServerMessage> {
    const id = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<ServerMessage | undefined>()
    this.#replies.set(id, resolve)
    const timer = setTimeout(() => this.end(), this.#patience)
    this.#socket.send(JSON.stringify({ t, id, ...fields }), () => {})
    const reply = await Promise.race([promise, this.ended.then(() => undefined)])
    clearTimeout(timer)
    this.#replies.delete(id)
    if (reply === undefined) throw new Cut(`no reply to ${t}`)
    if (reply.t === 'err') throw new Refused(reply)
    return reply
  }

  /** Ends it at once. */
  end(): void {
    this.#socket.terminate()
  }

  #take(data: Buffer): void {
    this.heardAt = performance.now()
    if (this.#onPush === undefined && data.toString('latin1', 0, ENTRY.length) === ENTRY) return
    const message: ServerMessage = JSON.parse(data.toString())
    if ((message.t === 'ok' || message.t === 'err') && message.id !== undefined)
      this.#replies.get(message.id)?.(message)
    else this.#onPush?.(message)
  }
}
