// Between a TCP or TLS socket and the protocol: bytes in, bytes out once a turn, the end of either told to the other, and the
// handlers called with what the protocol tells. Whatever can go wrong with a transport is owned here.

import type { Duplex } from 'node:stream'
import { type CloseReport, Protocol, type ProtocolSink, type State } from '@ws/protocol'
import type { Ticking } from './clock.ts'
import { nodeHost } from './node-host.ts'
import type { Settings } from './options.ts'
import { Socket, type SocketInfo } from './socket.ts'
import { atEndOfTurn, type Flushable } from './turn.ts'

/** What comes in while a handler is at work may grow to so many bytes before the peer is made to wait. */
const READ_AHEAD = 64 * 1024

/** Who is told when a connection ends. */
export interface ConnectionOwner {
  /** The close report is about to be given; the transport may still be open. */
  closed(connection: Connection): void
  /** The close report has been given and the transport is gone. */
  gone(connection: Connection): void
}

/** Where the listeners, which are the same for all transports, find the connection of theirs. */
const CONNECTION = Symbol('connection')
type Transport = Duplex & { [CONNECTION]?: Connection }

/** One connection, from the 101 to the end of its transport. */
export class Connection implements ProtocolSink, Ticking, Flushable {
  readonly socket: Socket
  readonly #protocol: Protocol
  readonly #transport: Transport
  readonly #settings: Settings
  readonly #owner: ConnectionOwner
  /** A flush is certain to come by itself. */
  #flushing = false
  /** A `send` returned false, and what it has to wait for has not left. */
  #full = false
  #ready: PromiseWithResolvers<void> | undefined
  /** The transport has gone before the close report, which waits for a handler. */
  #transportGone = false

  constructor(transport: Duplex, info: SocketInfo, settings: Settings, owner: ConnectionOwner) {
    this.#transport = transport
    this.#settings = settings
    this.#owner = owner
    this.#protocol = new Protocol('server', this, { limits: settings.limits, host: nodeHost })
    this.socket = new Socket(this, this.#protocol, info)
  }

  /** Tells the handler, then reads `head`, which came in one packet with the request, and whatever comes after it. */
  open(head: Uint8Array): void {
    const transport = this.#transport
    transport[CONNECTION] = this
    transport.on('data', onData)
    transport.on('end', onEnd)
    transport.on('drain', onDrain)
    transport.on('close', onClose)
    // It may have been paused by who handed it over.
    transport.resume()
    this.#flushing = true
    try {
      this.#await(this.#settings.handlers.open?.(this.socket))
    } catch (error) {
      this.fail(error)
    }
    if (head.length > 0) this.receive(head)
    else this.flush()
  }

  // ── from the transport ────────────────────────────────────────────────────────────────────────────────────────────────

  receive(bytes: Uint8Array): void {
    this.#flushing = true
    this.#protocol.receive(bytes)
    if (this.#protocol.held && this.#protocol.heldLength >= READ_AHEAD) this.#transport.pause()
    this.flush()
  }

  receiveEnd(cause?: Error | null): void {
    this.#protocol.receiveEnd(cause ?? undefined)
    this.flush()
  }

  drained(): void {
    this.#protocol.outputHeldBack = false
    this.flush()
  }

  gone(): void {
    if (this.#protocol.state === 'closed') {
      this.#owner.gone(this)
      return
    }
    this.#transportGone = true
    this.receiveEnd(this.#transport.errored)
  }

  // ── to the transport ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Bytes that were accepted for sending and that the kernel has not taken; none of them will leave a transport that is gone. */
  get bufferedAmount(): number {
    if (this.#transport.destroyed || this.#protocol.transport === 'destroy') return 0
    return this.#protocol.bufferedLength + this.#transport.writableLength
  }

  /** Flushes at the end of this turn, if that is not going to happen anyway. */
  requestFlush(): void {
    if (this.#flushing) return
    this.#flushing = true
    atEndOfTurn(this)
  }

  /** Writes what the protocol has to say, and does to the transport what it wishes. */
  flush(): void {
    this.#flushing = false
    const transport = this.#transport
    const wish = this.#protocol.transport
    if (wish === 'destroy') transport.destroy()
    // What can no longer be written is let go of, even if the close report still waits for a handler: that handler may in turn
    // be waiting for room.
    if (!transport.writable) this.#protocol.takeOutput()
    else if (wish === 'end' || !transport.writableNeedDrain) this.#write(this.#protocol.takeOutput())
    if (wish === 'end' && transport.writable) transport.end()
    if (this.#full) this.#checkFull()
  }

  #write(chunks: readonly Uint8Array[]): void {
    if (chunks.length === 0) return
    const transport = this.#transport
    const last = chunks.length - 1
    if (last > 0) transport.cork()
    for (let i = 0; i < last; i++) transport.write(chunks[i])
    // Who waits for less than the transport's own high-water mark has to be told by the write itself.
    if (this.#full) transport.write(chunks[last], () => this.#checkFull())
    else transport.write(chunks[last])
    if (last > 0) transport.uncork()
    this.#protocol.outputHeldBack = transport.writableNeedDrain
  }

  // ── for the socket ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** As the protocol has it, except that nothing is open without a transport, though the report may wait for a handler. */
  get state(): State {
    const { state } = this.#protocol
    return state === 'open' && this.#transport.destroyed ? 'closing' : state
  }

  /** Sends a message. False above the high-water mark, or when nothing can be sent any more. */
  send(data: string | Uint8Array): boolean {
    if (!this.#protocol.send(data)) return false
    this.requestFlush()
    if (this.#transport.destroyed) return false
    if (this.bufferedAmount < this.#settings.highWaterMark) return true
    this.#full = true
    return false
  }

  /** Resolves when there is room below the high-water mark, or the connection has ended. */
  get ready(): Promise<void> {
    if (!this.#full) return Promise.resolve()
    this.#ready ??= Promise.withResolvers()
    return this.#ready.promise
  }

  #checkFull(): void {
    if (!this.#full || this.bufferedAmount >= this.#settings.highWaterMark) return
    this.#settleReady()
    if (this.state !== 'open') return
    this.#call(
      () => this.#settings.handlers.drain?.(this.socket),
      error => this.fail(error),
    )
  }

  #settleReady(): void {
    this.#full = false
    this.#ready?.resolve()
    this.#ready = undefined
  }

  /** Ends the connection at once. */
  tearDown(cause?: unknown): void {
    this.#protocol.terminate(cause)
    this.#transport.destroy()
  }

  /** Ends the connection for an error of a handler's, which is reported. */
  fail(error: unknown): void {
    this.#report(error)
    this.#protocol.fail(error)
    this.requestFlush()
  }

  // ── from the clock ────────────────────────────────────────────────────────────────────────────────────────────────────

  tick(now: number): void {
    this.#protocol.tick(now)
    this.flush()
  }

  // ── from the protocol ─────────────────────────────────────────────────────────────────────────────────────────────────

  message(data: string | Uint8Array): void {
    try {
      const result = this.#settings.handlers.message?.(this.socket, data)
      if (result !== undefined) this.#await(result)
    } catch (error) {
      this.fail(error)
    }
  }

  close(report: CloseReport): void {
    this.#settleReady()
    this.#owner.closed(this)
    this.#call(
      () => this.#settings.handlers.close?.(this.socket, report),
      error => this.#report(error),
    )
    if (this.#transportGone) {
      this.#owner.gone(this)
      return
    }
    // Whatever a handler is still at: from here on there is only the peer's end to wait for.
    this.#transport.resume()
  }

  /** Calls a handler that nothing waits for; it may return a promise all the same. */
  #call(handler: () => unknown, failed: (error: unknown) => void): void {
    try {
      const result = handler()
      if (isPromiseLike(result)) result.then(undefined, failed)
    } catch (error) {
      failed(error)
    }
  }

  /** Hands nothing more on until the handler has settled. */
  #await(result: unknown): void {
    if (!isPromiseLike(result)) return
    this.#protocol.hold()
    result.then(
      () => this.#goOn(),
      (error: unknown) => {
        this.fail(error)
        this.#goOn()
      },
    )
  }

  /** What several handlers in a row have to say leaves together, when none of them waits for anything but a microtask. */
  #goOn(): void {
    this.#protocol.resume()
    if (this.#transport.isPaused() && this.#protocol.heldLength < READ_AHEAD) this.#transport.resume()
    this.requestFlush()
  }

  #report(error: unknown): void {
    const { onError } = this.#settings.handlers
    if (onError === undefined) {
      console.error(error)
      return
    }
    this.#call(
      () => onError(error, this.socket),
      another => console.error(error, another),
    )
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function onData(this: Transport, chunk: Uint8Array): void {
  this[CONNECTION]!.receive(chunk)
}

function onEnd(this: Transport): void {
  this[CONNECTION]!.receiveEnd()
}

function onDrain(this: Transport): void {
  this[CONNECTION]!.drained()
}

function onClose(this: Transport): void {
  this[CONNECTION]!.gone()
}
