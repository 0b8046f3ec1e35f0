// A connection to the chat by its public protocol: requests with their replies, and pushes.

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
  /** The edit and the reactions of a message. */
  readonly fold?: { readonly body?: string; readonly reactions?: Readonly<Record<string, readonly string[]>> }
}

/** The fields of a server message that matter here. */
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

/** The beginning of most pushes, which publishers do not parse any further. */
const ENTRY = '{"t":"entry"'

export class Connection {
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>
  readonly #socket: WebSocket
  readonly #patience: number
  readonly #onPush: ((push: ServerMessage) => void) | undefined
  readonly #replies = new Map<number, (reply: ServerMessage) => void>()
  #lastId = 0
  /** The time of the last message. */
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
   * Connects to a port of this machine. Rejects with {@link Cut}. A server that does not answer
   * within `patience` milliseconds, at the start or later, is given up. Without `onPush`, pushes
   * are ignored.
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

  /**
   * A request and its reply. Rejects with {@link Refused}, with {@link Cut}; then the connection
   * has ended.
   */
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
