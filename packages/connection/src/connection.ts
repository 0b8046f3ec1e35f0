// One WebSocket over a Node stream, from the end of the opening handshake to the end of the
// transport: opening, closing, keepalive and the close report. Receiving is in input.ts, sending in
// output.ts.

import type { Duplex } from 'node:stream'
import {
  type CloseReport,
  type Extension,
  type MessageType,
  Protocol,
  type Role,
  type SendOptions,
  type State,
} from '@ws/protocol'
import type { ConnectionSetMember } from './connection-set.ts'
import type { ConnectionCounters } from './counters.ts'
import type { ConnectionChannels } from './diagnostics.ts'
import type { ConnectionHandlers } from './handlers.ts'
import { Input, type InputConnection } from './input.ts'
import { Keepalive } from './keepalive.ts'
import { nodeHost } from './node/host.ts'
import { isListening, listen, type TransportListener } from './node/transport.ts'
import type { ConnectionSettings } from './options/connection-options.ts'
import { Output, type OutputConnection } from './output.ts'
import { callSafely, type ErrorHandler, reportError } from './report-error.ts'
import type { Sendable, SocketConnection } from './socket.ts'
import type { PieceSource } from './streaming/send-stream.ts'

/** The server or client that a connection belongs to. */
export interface ConnectionOwner<S> {
  readonly counters: ConnectionCounters
  readonly channels: ConnectionChannels
  /** The sessions that have not returned. None of them rejects. */
  readonly sessions: Set<Promise<void>>
  /**
   * There is room below the high-water mark again. What is sent now precedes `ready` and `drain`.
   */
  roomAvailable(connection: Connection<S>): void
  /** The close report is about to be delivered. The transport may still be open. */
  connectionClosed(connection: Connection<S>): void
  /** The close report has been delivered and the transport is closed. */
  transportClosed(connection: Connection<S>): void
}

/** What a connection is made of. */
export interface ConnectionInit<S> {
  readonly role: Role
  /** Owned by the caller, see `takeOwnership`. The opening handshake is over. */
  readonly transport: Duplex
  readonly settings: ConnectionSettings
  readonly handlers: ConnectionHandlers<S>
  /** Receives the errors of handlers; `console.error` by default. */
  readonly onError?: ErrorHandler<S> | undefined
  /** The negotiated extension. */
  readonly extension?: Extension | undefined
  readonly owner: ConnectionOwner<S>
}

/** A WebSocket connection whose handlers get sockets of type `S`. */
export class Connection<S>
  implements SocketConnection, TransportListener, ConnectionSetMember, InputConnection<S>, OutputConnection
{
  readonly protocol: Protocol
  readonly transport: Duplex
  readonly settings: ConnectionSettings
  readonly handlers: ConnectionHandlers<S>
  slot = -1
  readonly #onError: ErrorHandler<S> | undefined
  readonly #owner: ConnectionOwner<S>
  readonly #input: Input<S>
  readonly #output: Output
  readonly #keepalive: Keepalive
  /** Set by `open`, before any event. */
  #socket!: S
  /** What to close with when the pending handler has settled. */
  #closeWhenIdle: { readonly code: number; readonly reason: string } | undefined
  #closed: PromiseWithResolvers<CloseReport> | undefined
  #closeReport: CloseReport | undefined

  constructor({ role, transport, settings, handlers, onError, extension, owner }: ConnectionInit<S>) {
    this.transport = transport
    this.settings = settings
    this.handlers = handlers
    this.#onError = onError
    this.#owner = owner
    this.#input = new Input(this)
    this.#output = new Output(this)
    this.#keepalive = new Keepalive(settings)
    this.protocol = new Protocol(role, this.#input, { limits: settings, extension, host: nodeHost })
  }

  /**
   * Calls the `open` handler with the socket, which is a face of this connection. Then reads
   * `head`, which arrived in one packet with the opening handshake, and everything after it. Other
   * `data` listeners of the transport get nothing, unless it is shared with them.
   */
  open(socket: S, head: Uint8Array, isShared = false): void {
    this.#socket = socket
    listen(this.transport, this, isShared)
    this.#output.beginTurn()
    const { open } = this.channels
    if (open.hasSubscribers) open.publish({ socket })
    this.#input.open()
    if (head.length > 0) this.receive(head)
    else this.#output.flush()
  }

  /** The socket that handlers get. */
  get socket(): S {
    return this.#socket
  }

  /** As the protocol has it, but never `open` without a transport. */
  get state(): State {
    const { state } = this.protocol
    return state === 'open' && this.transport.destroyed ? 'closing' : state
  }

  /** The counters of its owner. */
  get counters(): ConnectionCounters {
    return this.#owner.counters
  }

  /** The channels of its owner. */
  get channels(): ConnectionChannels {
    return this.#owner.channels
  }

  // ── the socket's methods ──────────────────────────────────────────────────────────────────────

  get messages(): AsyncIterable<string | Uint8Array, undefined> | undefined {
    return this.#input.messages
  }

  get bufferedAmount(): number {
    return this.#output.bufferedAmount
  }

  get ready(): Promise<void> {
    return this.#output.ready
  }

  /**
   * Whether the buffered data has reached the high-water mark. If so, `roomAvailable` will follow.
   */
  get isSlow(): boolean {
    return this.#output.isSlow
  }

  get latency(): number | undefined {
    return this.#keepalive.latency
  }

  get closed(): Promise<CloseReport> {
    if (this.#closeReport !== undefined) return Promise.resolve(this.#closeReport)
    this.#closed ??= Promise.withResolvers()
    return this.#closed.promise
  }

  send(data: Sendable, options?: SendOptions): boolean {
    return this.#output.send(data, options)
  }

  sendStream(source: PieceSource, type?: MessageType): Promise<void> {
    return this.#output.sendStream(source, type)
  }

  ping(payload?: Uint8Array): void {
    this.#output.ping(payload)
  }

  close(code?: number, reason?: string): void {
    this.protocol.close(code, reason)
    this.requestFlush()
  }

  /** Ends the connection at once; `cause` goes into the close report. */
  terminate(cause?: unknown): void {
    this.protocol.terminate(cause)
    this.transport.destroy()
    this.protocol.takeOutput()
  }

  // ── ending it ─────────────────────────────────────────────────────────────────────────────────

  /** Begins the closing handshake once no handler is pending. */
  closeWhenIdle(code: number, reason: string): void {
    if (this.#input.isBusy) this.#closeWhenIdle = { code, reason }
    else this.close(code, reason)
  }

  /** Sends a Close, even while a handler is pending, and ends the connection at once. */
  closeNow(code: number, reason: string, cause: Error): void {
    this.protocol.close(code, reason)
    this.#output.flush()
    this.terminate(cause)
  }

  /** Reports an error of a handler, and closes with 1011. */
  fail(error: unknown): void {
    this.#report(error)
    this.protocol.fail(error)
    this.requestFlush()
  }

  /** Writes the output at the end of this turn of the event loop. */
  requestFlush(): void {
    this.#output.requestFlush()
  }

  // ── from the transport ────────────────────────────────────────────────────────────────────────

  receive(bytes: Uint8Array): void {
    this.#output.beginTurn()
    this.counters.bytesReceived += bytes.length
    this.#keepalive.heard()
    this.#input.receive(bytes)
    this.#output.flush()
  }

  transportEnded(cause?: Error | null): void {
    this.protocol.receiveEnd(cause ?? undefined)
    this.#output.flush()
  }

  transportDrained(): void {
    this.protocol.transportFull = false
    // The peer accepts data, so it is alive.
    this.#keepalive.heard()
    this.#output.flush()
  }

  transportClosed(): void {
    if (this.protocol.state === 'closed') {
      this.#owner.transportClosed(this)
      return
    }
    this.#output.end(undefined)
    this.transportEnded(this.transport.errored)
  }

  // ── from the clock ────────────────────────────────────────────────────────────────────────────

  /** Checks the deadlines, and pings a silent peer; see `Clock`. */
  tick(now: number, elapsed: number): void {
    this.protocol.tick(now)
    if (this.protocol.state === 'open') this.#keepAlive(now, elapsed)
    this.#output.tick(now, elapsed)
    this.#output.flush()
  }

  #keepAlive(now: number, elapsed: number): void {
    const due = this.#keepalive.tick(now, elapsed, this.protocol.isPaused || this.protocol.transportFull)
    if (due === 'dead')
      this.terminate(new Error(`no sign of life within ${this.settings.pongTimeout} ms of a ping`))
    else if (due === 'ping') this.protocol.ping(this.#keepalive.ping(performance.now()))
  }

  // ── from the input and the output ─────────────────────────────────────────────────────────────

  sessionStarted(session: Promise<void>): void {
    const { sessions } = this.#owner
    const running = session.then(() => void sessions.delete(running))
    sessions.add(running)
  }

  handlerSettled(): void {
    if (this.#closeWhenIdle !== undefined) this.close(this.#closeWhenIdle.code, this.#closeWhenIdle.reason)
  }

  /** A pong was received: if it answers our last ping, its time is the latency. */
  pongReceived(payload: Uint8Array): void {
    this.#keepalive.pong(payload, performance.now())
  }

  roomAvailable(): void {
    this.#owner.roomAvailable(this)
  }

  outputDrained(): void {
    const { drain } = this.channels
    if (drain.hasSubscribers) drain.publish({ socket: this.#socket })
    callSafely(
      () => this.handlers.drain?.(this.#socket),
      error => this.fail(error),
    )
  }

  /** Undefined until the connection is closed. */
  get closeReport(): CloseReport | undefined {
    return this.#closeReport
  }

  reported(report: CloseReport): void {
    this.#closeReport = report
    this.#output.end(report)
    this.#closed?.resolve(report)
    this.#owner.connectionClosed(this)
    this.#input.end(report)
    const { close } = this.channels
    if (close.hasSubscribers) close.publish({ socket: this.#socket, report })
    callSafely(
      () => this.handlers.close?.(this.#socket, report),
      error => this.#report(error),
    )
    // The transport may have closed first, if the report had to wait for a handler.
    if (isListening(this.transport)) this.transport.resume()
    else this.#owner.transportClosed(this)
  }

  #report(error: unknown): void {
    this.counters.errors++
    const { error: channel } = this.channels
    if (channel.hasSubscribers) channel.publish({ error, socket: this.#socket })
    reportError(this.#onError, error, this.#socket)
  }
}
