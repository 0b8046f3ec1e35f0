// One WebSocket over a Node stream, from the end of the opening handshake to the end of the
// transport: opening, closing, keepalive and the close report. Receiving is in input.ts, sending in
// output.ts.

import type { Duplex } from 'node:stream'
import {
  CloseCode,
  type CloseInfo,
  Deadline,
  type Extension,
  type Host,
  Protocol,
  type Role,
  type Sendable,
  type SendOptions,
  type State,
} from '@ws/protocol'
import { callSafely } from './call-safely.ts'
import { CHANNELS } from './channels.ts'
import type { ConnectionConfig, ConnectionEventOf } from './connection-context.ts'
import type { ConnectionOwner } from './connection-owner.ts'
import type { ConnectionSetMember } from './connection-set.ts'
import type { ConnectionCounters } from './counters.ts'
import { memoryLimitError, pongTimeoutError } from './errors.ts'
import { Input, type InputConnection } from './input.ts'
import { Keepalive } from './keepalive.ts'
import { nodeHost } from './node/host.ts'
import { isListening, listen, type TransportListener } from './node/transport.ts'
import { limitsOf } from './options/connection-options.ts'
import { Output, type OutputConnection } from './output.ts'
import { reportError } from './report-error.ts'
import type { SocketConnection } from './socket.ts'

/** The arguments of `Connection`. */
export interface ConnectionInit<S> {
  readonly role: Role
  /** Owned by the caller, see `takeOwnership`. The opening handshake is over. */
  readonly transport: Duplex
  readonly config: ConnectionConfig<S>
  /** The negotiated extension. */
  readonly extension?: Extension | undefined
  readonly owner: ConnectionOwner<Connection<S>>
  /** Functions of the platform. Default: `nodeHost`. */
  readonly host?: Host | undefined
}

// The interfaces that `Connection` implements are those of its neighbors, one for each: its socket,
// its transport, the set with the clock, and its two halves.

/** A WebSocket connection whose handlers get sockets of type `S`. */
export class Connection<S>
  implements SocketConnection, TransportListener, ConnectionSetMember, InputConnection<S>, OutputConnection<S>
{
  readonly protocol: Protocol
  readonly transport: Duplex
  readonly config: ConnectionConfig<S>
  readonly input: Input<S>
  readonly output: Output<S>
  slot = -1
  readonly #role: Role
  readonly #owner: ConnectionOwner<Connection<S>>
  readonly #keepalive: Keepalive
  /** Set by `open`, before any event. */
  #socket!: S
  /** The code and reason of a close that waits for the pending handler. */
  #closeWhenIdle: { readonly code: number; readonly reason: string } | undefined
  #closed: PromiseWithResolvers<CloseInfo> | undefined
  #abort: AbortController | undefined
  /** Final, even if it is delivered later. */
  #closeReport: CloseInfo | undefined
  /** The stages of delivering the report: not yet, as soon as no handler is pending, or done. */
  #delivery: 'none' | 'due' | 'done' = 'none'
  /** A caller that may be a handler is on the stack. */
  #isInCall = false
  /** For pending handlers and for a pause, once the transport has closed. */
  #handlerDeadline: Deadline | undefined
  /** Pending handlers are not waited for. */
  #isAbandoned = false
  #isFinished = false
  #bufferedMemory = 0

  constructor({ role, transport, config, extension, owner, host = nodeHost }: ConnectionInit<S>) {
    const { settings } = config
    this.transport = transport
    this.config = config
    this.#role = role
    this.#owner = owner
    this.input = new Input(this)
    this.output = new Output(this)
    this.#keepalive = new Keepalive(settings)
    this.protocol = new Protocol(role, this.input, {
      limits: limitsOf(settings),
      extension,
      autoPong: settings.autoPong,
      // Message streams and formats promise strings for a text.
      textAsBytes: settings.textAsBytes && (config.handlers.stream ?? config.handlers.format) === undefined,
      host,
    })
  }

  /**
   * Starts reading, and calls the `open` handler with the socket, which must have been made of this
   * connection. `head` is what was received with the opening handshake, after its end. Other `data`
   * listeners of the transport get nothing, unless it is shared with them.
   */
  open(socket: S, head: Uint8Array, isShared = false): void {
    this.#socket = socket
    const isRead = isShared || this.transport.listenerCount('data') > 0
    listen(this.transport, this, isShared)
    this.output.beginBatch()
    if (CHANNELS.open.hasSubscribers) CHANNELS.open.publish(this.event)
    this.input.open()
    if (head.length === 0) this.output.flush()
    else if (isRead) this.#receiveWithOthers(head)
    else this.receive(head)
  }

  /** Bytes that were read before `open`, also for the other readers of the transport. */
  #receiveWithOthers(head: Uint8Array): void {
    this.transport.unshift(head)
    this.output.flush()
  }

  get socket(): S {
    return this.#socket
  }

  get state(): State {
    const { state } = this.protocol
    return state === 'open' && this.transport.destroyed ? 'closing' : state
  }

  get counters(): ConnectionCounters {
    return this.#owner.counters
  }

  get event(): ConnectionEventOf<S> {
    return { socket: this.#socket, role: this.#role, server: this.#owner.server }
  }

  // ── the socket's methods ──────────────────────────────────────────────────────────────────────

  get latency(): number | undefined {
    return this.#keepalive.latency
  }

  get closed(): Promise<CloseInfo> {
    if (this.#closeReport !== undefined) return Promise.resolve(this.#closeReport)
    this.#closed ??= Promise.withResolvers()
    return this.#closed.promise
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#closeReport !== undefined) this.#abort.abort(abortError(this.#closeReport))
    }
    return this.#abort.signal
  }

  get canSend(): boolean {
    return this.protocol.canSend && !this.transport.destroyed
  }

  /** See `Socket.close`: messages that have not been delivered are dropped. */
  close(code?: number, reason?: string): void {
    this.startClosing(code, reason)
    this.#withoutHandlers(() => this.protocol.discard())
    this.input.resumeTransport()
  }

  /** Begins the closing handshake, and delivers messages until the peer's Close. */
  startClosing(code?: number, reason?: string): void {
    this.protocol.close(code, reason)
    // The peer's Close may be unread.
    this.input.resumeDelivery()
    this.#endOutput()
    this.requestFlush()
  }

  /** Ends the connection at once; `cause` goes into the close report. */
  terminate(cause?: Error): void {
    this.#withoutHandlers(() => this.protocol.terminate(cause))
    this.transport.destroy()
    this.protocol.takeOutput()
    this.countBufferedMemory()
  }

  /** Calls no `close` handler inside of the caller, which may be a handler itself. */
  #withoutHandlers(act: () => void): void {
    this.#isInCall = true
    act()
    this.#isInCall = false
    if (this.#delivery === 'due') queueMicrotask(() => this.#deliverReport())
  }

  // ── the owner's methods ───────────────────────────────────────────────────────────────────────

  /** See `Socket.send`. */
  send(data: Sendable, options?: SendOptions): boolean {
    return this.output.send(data, options)
  }

  /** Whether a pong answers an automatic ping, the last one or the one before. */
  isAnswer(pong: Uint8Array): boolean {
    return this.#keepalive.isAnswer(pong)
  }

  /** Whether there is room below the high-water mark. If not, `roomAvailable` will follow. */
  requestRoom(): boolean {
    return this.output.requestRoom()
  }

  /** Begins the closing handshake once no handler is pending. Messages are still delivered. */
  closeWhenIdle(code: number, reason: string): void {
    if (this.input.isBusy) this.#closeWhenIdle = { code, reason }
    else this.startClosing(code, reason)
  }

  /**
   * Sends a Close and ends the connection at once. Pending handlers are not waited for, so the
   * `close` handler is called too.
   */
  closeNow(code: number, reason: string, cause: Error): void {
    this.protocol.close(code, reason)
    this.output.flush()
    this.#isAbandoned = true
    this.terminate(cause)
    if (this.#delivery === 'due') this.#deliverReport()
  }

  /** Bytes of memory that the buffers took when they were last counted, in both directions. */
  get bufferedMemory(): number {
    return this.#bufferedMemory
  }

  /**
   * Counts `bufferedMemory`, and tells the owner how it has changed. Done after each write; the
   * transport does not say when it has finished a write, so a later count may be lower.
   */
  countBufferedMemory(): void {
    const bytes = this.#isFinished ? 0 : this.protocol.inputMemory + this.output.bufferedAmount
    const change = bytes - this.#bufferedMemory
    if (change === 0) return
    this.#bufferedMemory = bytes
    this.#owner.bufferedMemoryChanged?.(change)
  }

  /**
   * Ends the connection and frees its buffers: with a Close (1013), or without one where unsent
   * output precedes it.
   */
  closeForMemory(): void {
    if (this.output.bufferedAmount > 0) this.terminate(memoryLimitError(CloseCode.abnormal))
    else {
      this.protocol.fail(memoryLimitError(CloseCode.tryAgainLater))
      this.output.flush()
      // Unread bytes in the kernel would turn the end of the connection into a reset.
      this.input.resumeTransport()
    }
  }

  // ── from the transport ────────────────────────────────────────────────────────────────────────

  receive(bytes: Uint8Array): void {
    this.output.beginBatch()
    this.counters.bytesReceived += bytes.length
    this.#keepalive.received()
    this.input.receive(bytes)
    this.output.flush()
  }

  transportEnded(cause?: Error | null): void {
    this.protocol.receiveEnd(cause ?? undefined)
    this.#endOutput()
    this.output.flush()
  }

  /** Looks ahead in input that a pending handler holds. */
  scan(): void {
    if (this.protocol.unreadLength === 0) return
    this.output.beginBatch()
    this.protocol.scan()
    this.output.flush()
  }

  transportDrained(): void {
    this.protocol.transportFull = false
    // The peer accepts data, so it is alive.
    this.#keepalive.received()
    this.output.flush()
  }

  transportClosed(): void {
    // The report is delivered now, or once the pending handlers have settled.
    if (this.protocol.state !== 'closed') this.transportEnded(this.transport.errored)
    this.output.end(this.#closeReport)
    this.output.transportClosed()
    this.countBufferedMemory()
    if (this.#delivery === 'done' || this.#isAbandoned) this.#finish()
  }

  // ── from the clock ────────────────────────────────────────────────────────────────────────────

  /** Checks the deadlines, and pings a silent peer; see `Clock`. */
  tick(now: number, elapsed: number): void {
    this.protocol.tick(now)
    if (this.protocol.state === 'open') this.#keepAlive(now, elapsed)
    this.#endOutput()
    this.output.tick(now, elapsed)
    this.output.flush()
    if (!isListening(this.transport)) this.#awaitHandlers(now, elapsed)
  }

  #awaitHandlers(now: number, elapsed: number): void {
    this.#handlerDeadline ??= new Deadline(this.config.settings.closeTimeout)
    if (!this.#handlerDeadline.isExpired(now, elapsed, false)) return
    // No peer is left to hold back, and the `close` handler waits behind the messages.
    this.input.resumeDelivery()
    this.#finish()
  }

  #keepAlive(now: number, elapsed: number): void {
    const isRead = !this.transport.isPaused()
    const due = this.#keepalive.tick(now, elapsed, this.protocol.transportFull, isRead)
    if (due === 'ping') this.protocol.ping(this.#keepalive.ping(performance.now()))
    else if (due === 'dead') {
      const { pongTimeout } = this.config.settings
      this.terminate(pongTimeoutError(pongTimeout))
    }
  }

  // ── from the input and the output ─────────────────────────────────────────────────────────────

  requestFlush(): void {
    this.output.requestFlush()
  }

  fail(error: unknown): void {
    this.#report(error)
    this.protocol.fail(error)
    this.requestFlush()
  }

  roomAvailable(): void {
    this.#owner.roomAvailable(this)
  }

  sessionStarted(session: Promise<void>): void {
    this.#owner.sessionStarted(session)
  }

  handlerSettled(): void {
    if (this.#closeWhenIdle !== undefined)
      this.startClosing(this.#closeWhenIdle.code, this.#closeWhenIdle.reason)
    if (this.#delivery === 'due') this.#deliverReport()
  }

  pongReceived(payload: Uint8Array): void {
    this.#keepalive.pong(payload, performance.now())
  }

  get closeReport(): CloseInfo | undefined {
    return this.#closeReport
  }

  connectionClosing(report: CloseInfo): void {
    this.#closeReport = report
    this.#closed?.resolve(report)
    this.#owner.connectionClosed(this)
    this.#endOutput()
    this.#abort?.abort(abortError(report))
  }

  connectionClosed(report: CloseInfo): void {
    this.output.end(report)
    this.input.end(report)
    this.#delivery = 'due'
    if (!this.#isInCall) this.#deliverReport()
  }

  /** Ends what waits for room, once nothing can be sent any more. */
  #endOutput(): void {
    if (this.#closeReport !== undefined && !this.canSend) this.output.end(this.#closeReport)
  }

  /** Calls the `close` handler, unless that has been done or a handler is pending. */
  #deliverReport(): void {
    if (this.#delivery === 'done' || (this.input.isBusy && !this.#isAbandoned)) return
    this.#delivery = 'done'
    const report = this.#closeReport!
    if (CHANNELS.close.hasSubscribers) CHANNELS.close.publish({ ...this.event, info: report })
    callSafely(
      () => this.config.handlers.close?.(this.#socket, report),
      error => this.#report(error),
    )
    // The transport closed first if this report had to wait for it, or for a handler. Otherwise it
    // is read to its end, and `transportClosed` follows.
    if (isListening(this.transport)) this.transport.resume()
    else this.#finish()
  }

  #finish(): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.countBufferedMemory()
    this.#owner.connectionFinished(this)
  }

  #report(error: unknown): void {
    this.counters.errors++
    if (CHANNELS.error.hasSubscribers) CHANNELS.error.publish({ ...this.event, error })
    reportError(this.config.errorHandler, error, this.#socket)
  }
}

function abortError(report: CloseInfo): DOMException {
  return new DOMException(`the socket has closed (${report.code})`, { name: 'AbortError', cause: report })
}
