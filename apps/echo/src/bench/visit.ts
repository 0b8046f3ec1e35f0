// One connection to a path of the bench, from its request on.

import { Buffer } from 'node:buffer'
import type { Socket as TcpSocket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { AnyParams, Message, Socket, UpgradeRequest } from '@ws/server'
import { slowDown } from '../wire/slow-down.ts'
import type { Delivery } from './delivery.ts'
import type { BenchLimits } from './limits.ts'
import { Sender } from './sender.ts'

/** What is known when a request has been read. */
export interface VisitInit<Query> {
  readonly request: UpgradeRequest<AnyParams>
  readonly query: Query
  readonly delivery: Delivery
  readonly limits: BenchLimits
  /** The subprotocol that is chosen, if any. */
  readonly protocol: string | undefined
}

/** A connection, and what its path needs. */
export class Visit<out Query = Readonly<Record<string, unknown>>> {
  readonly query: Query
  readonly params: AnyParams
  readonly limits: BenchLimits
  readonly protocol: string | undefined
  readonly delivery: Delivery
  /** The subprotocols that the client offers. */
  readonly offered: readonly string[]
  /** The head of the request, as sent. */
  readonly head: { readonly method: string; readonly target: string; readonly rawHeaders: readonly string[] }
  /** The TCP connection, for what a WebSocket never does. */
  readonly transport: TcpSocket
  readonly #end = new AbortController()
  #socket: Socket | undefined
  #sender: Sender | undefined
  #received = 0
  #spent = 0

  constructor({ request, query, delivery, limits, protocol }: VisitInit<Query>) {
    const { method = 'GET', url = '/', rawHeaders, socket } = request.raw
    this.query = query
    this.params = request.params
    this.limits = limits
    this.protocol = protocol
    this.offered = request.protocols
    this.head = { method, target: url, rawHeaders }
    this.transport = socket
    this.delivery = delivery
    request.signal.addEventListener('abort', () => this.end())
  }

  /** The WebSocket. Throws before it is open. */
  get socket(): Socket {
    if (this.#socket === undefined) throw new Error('the WebSocket is not open yet')
    return this.#socket
  }

  /** What sends the messages. Throws before the WebSocket is open. */
  get sender(): Sender {
    if (this.#sender === undefined) throw new Error('the WebSocket is not open yet')
    return this.#sender
  }

  /** Messages received so far. */
  get received(): number {
    return this.#received
  }

  /** Aborted when the connection has ended. */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  /** The WebSocket is open: pings begin, and the time of the connection. */
  open(socket: Socket, expire: () => void): void {
    this.#socket = socket
    this.#sender = new Sender({
      socket,
      delivery: this.delivery,
      limits: this.limits,
      signal: this.signal,
      spend: bytes => this.#spend(bytes),
    })
    const { ping, rate } = this.delivery
    if (rate !== undefined) slowDown(this.transport, rate)
    const pings = ping === undefined ? undefined : setInterval(() => socket.ping(), ping)
    const expiry = setTimeout(expire, this.limits.maxDuration)
    this.signal.addEventListener('abort', () => {
      clearInterval(pings)
      clearTimeout(expiry)
    })
  }

  /** Counts a message. Returns false when the connection has exceeded its bytes. */
  receive(message: Message): boolean {
    this.#received++
    return this.#spend(typeof message === 'string' ? Buffer.byteLength(message) : message.length)
  }

  /** Resolves after milliseconds. Rejects when the connection ends first. */
  async wait(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { signal: this.signal })
  }

  /** The connection has ended. */
  end(): void {
    this.#end.abort()
  }

  #spend(bytes: number): boolean {
    this.#spent += bytes
    const { maxBytes } = this.limits
    if (this.#spent <= maxBytes) return true
    this.socket.close(1008, `more than ${maxBytes} bytes on one connection of the bench`)
    return false
  }
}
