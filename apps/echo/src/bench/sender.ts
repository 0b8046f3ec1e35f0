// Sends the messages of one connection as its query asks: later, or in fragments, and below the rate
// of the server. Messages keep their order.

import { Buffer } from 'node:buffer'
import { setTimeout as wait } from 'node:timers/promises'
import type { SendOptions, Socket } from '@ws/server'
import type { Delivery } from './delivery.ts'
import { fragmentsOf } from './fragments.ts'
import type { BenchLimits } from './limits.ts'
import { Pacer } from './pacer.ts'

type Data = string | Uint8Array

/** Bytes of messages that may wait for their time, before `enqueue` asks to wait. */
const MAX_QUEUED = 1024 * 1024

/** Milliseconds by which a connection may be ahead of the rate of the server. */
const BURST = 1000

/** What a sender needs to know. */
export interface SenderInit {
  readonly socket: Pick<Socket, 'send' | 'sendStream' | 'ready' | 'state'>
  readonly delivery: Delivery
  readonly limits: Pick<BenchLimits, 'rate'>
  /** Aborted when the connection has ended. */
  readonly signal: AbortSignal
  /** Takes bytes from the budget of the connection. Returns false when it is used up. */
  readonly spend: (bytes: number) => boolean
}

/** The outgoing messages of one connection. */
export class Sender {
  readonly #init: SenderInit
  readonly #options: SendOptions
  readonly #pacer: Pacer
  #sent: Promise<void> = Promise.resolve()
  #lastDue = 0
  #queued = 0

  constructor(init: SenderInit) {
    const { compress } = init.delivery
    this.#init = init
    this.#options = compress === undefined ? {} : { compress }
    this.#pacer = new Pacer(init.limits.rate, BURST)
  }

  /** Whether too much is waiting to be sent. */
  get isFull(): boolean {
    return this.#queued > MAX_QUEUED
  }

  /** Resolves when all messages so far are sent. Never rejects. */
  get sent(): Promise<void> {
    return this.#sent
  }

  /** Sends a message, and resolves when there is room for the next. Never rejects. */
  send(data: Data): Promise<void> {
    const size = sizeOf(data)
    this.#queued += size
    const done = this.#inTurn(() => this.#send(data, size, this.#options))
    return done.finally(() => {
      this.#queued -= size
    })
  }

  /** Sends a message, and resolves when the kernel has taken it, or never will. Never rejects. */
  async write(data: Data): Promise<void> {
    await this.#inTurn(() => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const sent = this.#send(data, sizeOf(data), { ...this.#options, written: () => resolve() })
      return sent.then(isSent => (isSent ? promise : undefined))
    })
  }

  /** Sends a message, and returns a promise of room if too much is waiting. */
  enqueue(data: Data): Promise<void> | undefined {
    const sent = this.send(data)
    return this.isFull ? sent : undefined
  }

  /** Sends one message in these pieces, each a frame, and resolves when there is room for the next. */
  sendPieces(pieces: Iterable<Data>): Promise<void> {
    return this.#inTurn(() => this.#sendPieces(pieces, this.#options))
  }

  #inTurn(work: () => Promise<unknown>): Promise<void> {
    const due = Math.max(this.#lastDue, performance.now() + this.#latency())
    this.#lastDue = due
    const { signal, socket } = this.#init
    const turn = this.#sent.then(async () => {
      await this.#until(due)
      if (socket.state === 'open') await work()
    })
    this.#sent = turn.catch(error => {
      // A connection that ends while something is sent is no failure.
      if (!signal.aborted && socket.state === 'open') throw error
    })
    return this.#sent
  }

  #latency(): number {
    const { delay, jitter } = this.#init.delivery
    return delay + Math.random() * jitter
  }

  /** Returns whether it was sent. */
  async #send(data: Data, size: number, options: SendOptions): Promise<boolean> {
    const { socket, delivery } = this.#init
    if (delivery.fragment !== undefined && size > delivery.fragment) {
      await this.#sendPieces(fragmentsOf(data, delivery.fragment), options)
      return true
    }
    if (!(await this.#admit(size))) return false
    if (!socket.send(data, options)) await socket.ready
    return true
  }

  async #sendPieces(pieces: Iterable<Data>, options: SendOptions): Promise<void> {
    await this.#init.socket.sendStream(this.#admitted(pieces), options)
  }

  async *#admitted(pieces: Iterable<Data>): AsyncGenerator<Data, void, undefined> {
    for (const piece of pieces) {
      if (!(await this.#admit(sizeOf(piece)))) return
      yield piece
    }
  }

  /** Waits until these bytes may be sent. False if they may not, because the budget is used up. */
  async #admit(bytes: number): Promise<boolean> {
    if (!this.#init.spend(bytes)) return false
    const now = performance.now()
    await this.#until(now + this.#pacer.take(bytes, now))
    return this.#init.socket.state === 'open'
  }

  async #until(time: number): Promise<void> {
    const left = time - performance.now()
    if (left > 0) await wait(left, undefined, { signal: this.#init.signal })
  }
}

function sizeOf(data: Data): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.length
}
