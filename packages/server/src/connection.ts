// Between a TCP or TLS socket and the protocol: bytes in, bytes out once a turn, the end of either told to the other, and the
// handlers called with what the protocol tells. Whatever can go wrong with a transport is owned here.

import type { AsyncQueue, PieceSource, Tickable } from '@ws/connection'
import {
  atEndOfTurn,
  createMessageStream,
  createRates,
  createReader,
  type Flushable,
  type FragmentWriter,
  Keepalive,
  type MessageInput,
  type MessageStream,
  nodeHost,
  type Rates,
  runSession,
  SendQueue,
  unsentBytes,
  WriteTimeout,
} from '@ws/connection'
import {
  CloseCode,
  type CloseReport,
  type IncomingStream,
  type MessageType,
  type OutgoingStream,
  type PreparedMessage,
  Protocol,
  type ProtocolError,
  type ProtocolSink,
  type SendOptions,
  type State,
} from '@ws/protocol'
import type { RouteSettings } from './options/route-options.ts'
import type { Subscriber, Topics } from './pubsub/topics.ts'
import { Socket } from './socket.ts'
import {
  backpressureChannel,
  closeChannel,
  drainChannel,
  errorChannel,
  openChannel,
  receiveChannel,
  sendChannel,
} from './telemetry/diagnostics.ts'
import { callSafely, isPromiseLike, reportError } from './telemetry/report-error.ts'
import type { Counters } from './telemetry/stats.ts'
import { CONNECTION, type Transport } from './upgrade/response.ts'
import type { AcceptedUpgrade } from './upgrade/upgrade-handler.ts'

/** What comes in while a handler is at work may grow to so many bytes before the peer is made to wait. */
const READ_AHEAD = 64 * 1024

/** Who counts what happens on a connection, and is told when it ends. */
export interface ConnectionOwner {
  readonly counters: Counters
  readonly topics: Topics<Connection>
  /** The sessions that have not returned; none of them rejects. */
  readonly sessions: Set<Promise<void>>
  /** The close report is about to be given; the transport may still be open. */
  closed(connection: Connection): void
  /** The close report has been given and the transport is gone. */
  gone(connection: Connection): void
}

/** What can be sent. */
export type Sendable = string | Uint8Array | PreparedMessage

/** One connection, from the 101 to the end of its transport. */
export class Connection implements ProtocolSink, Tickable, Flushable, Subscriber, FragmentWriter {
  readonly socket: Socket
  /** Where its server has it. */
  place = -1
  /** What a session reads. */
  queue: AsyncQueue<string | Uint8Array> | undefined
  /** The client's: what it is counted under at the door. */
  readonly address: string
  readonly #protocol: Protocol
  readonly #transport: Transport
  readonly #settings: RouteSettings
  readonly #owner: ConnectionOwner
  readonly #keepalive: Keepalive
  /** Undefined while nothing waits in the transport. */
  #stall: WriteTimeout | undefined
  readonly #rates: Rates | undefined
  /** More came than may: what comes now is ignored. */
  #limitExceeded: ProtocolError | undefined
  /** A flush is certain to come by itself. */
  #flushing = false
  /** The transport is gone, and what waits in it, as they were when this turn began: in a turn only `#write` changes that. */
  #isLost = false
  #queued = 0
  /** A `send` returned false, and what it has to wait for has not left. */
  #full = false
  #ready: PromiseWithResolvers<void> | undefined
  /** What sends messages in pieces; undefined before the first. */
  #sendQueue: SendQueue | undefined
  /** The message that is being received in pieces. */
  #incoming: MessageInput | undefined
  /** Who holds the peer back. */
  #holds = 0
  /** A handler is at work that the next message waits for. */
  #busy = false
  /** What to close with when it is done. */
  #closeWhenIdle: { readonly code: number; readonly reason: string } | undefined
  #closed: PromiseWithResolvers<CloseReport> | undefined
  #closeReport: CloseReport | undefined

  constructor(accepted: AcceptedUpgrade, id: number, owner: ConnectionOwner) {
    const { transport, settings } = accepted
    this.address = accepted.address
    this.#transport = transport
    this.#settings = settings
    this.#owner = owner
    const extension = accepted.extension?.create()
    this.#protocol = new Protocol('server', this, { limits: settings.limits, extension, host: nodeHost })
    this.#keepalive = new Keepalive(settings)
    this.#rates = createRates(settings)
    this.socket = new Socket(this, accepted, id)
  }

  /** Tells the handler, then reads `head`, which came in one packet with the request, and whatever comes after it. */
  open(head: Uint8Array): void {
    const transport = this.#transport
    transport[CONNECTION] = this
    startReading(transport)
    transport.on('end', onEnd)
    transport.on('drain', onDrain)
    transport.on('close', onClose)
    // It may have been paused by who handed it over.
    transport.resume()
    this.#beginTurn()
    if (openChannel.hasSubscribers) openChannel.publish({ socket: this.socket })
    this.#callOpen()
    if (head.length > 0) this.receive(head)
    else this.flush()
  }

  #callOpen(): void {
    const { open, session } = this.#settings.handlers
    if (session !== undefined) {
      this.#runSession()
      return
    }
    if (open === undefined) return
    try {
      this.#await(this.#settings.handlers.open!(this.socket))
    } catch (error) {
      this.fail(error)
    }
  }

  /** A server that closes waits for what a session does after its loop, too. */
  #runSession(): void {
    const { sessions } = this.#owner
    const run = runSession<Socket>(socket => this.#settings.handlers.session!(socket), this.socket, this)
    const session = run.then(() => void sessions.delete(session))
    sessions.add(session)
  }

  // ── from the transport ────────────────────────────────────────────────────────────────────────────────────────────────

  receive(bytes: Uint8Array): void {
    this.#beginTurn()
    this.#owner.counters.bytesReceived += bytes.length
    this.#keepalive.heard()
    if (this.#limitExceeded === undefined && this.#spend(this.#rates?.spendBytes(bytes.length)))
      this.#protocol.receive(bytes)
    if (this.#protocol.unreadLength >= READ_AHEAD) this.#transport.pause()
    this.flush()
  }

  receiveEnd(cause?: Error | null): void {
    this.#protocol.receiveEnd(cause ?? undefined)
    this.flush()
  }

  drained(): void {
    this.#protocol.transportFull = false
    // It takes what we send: it is alive.
    this.#keepalive.heard()
    this.flush()
  }

  gone(): void {
    if (this.#protocol.state === 'closed') {
      this.#owner.gone(this)
      return
    }
    this.#sendQueue?.end(undefined)
    this.receiveEnd(this.#transport.errored)
  }

  // ── to the transport ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Bytes that were accepted for sending and that the kernel has not taken; none of them will leave a transport that is gone. */
  get bufferedAmount(): number {
    if (this.#transport.destroyed || this.#protocol.transportAction === 'destroy') return 0
    return this.#protocol.bufferedLength + this.#transport.writableLength
  }

  /** Flushes at the end of this turn, if that is not going to happen anyway. */
  requestFlush(): void {
    if (this.#flushing) return
    this.#beginTurn()
    atEndOfTurn(this)
  }

  /** Asks the transport once for what every `send` wants to know: its getters cost as much as a short message (`pnpm bench codec`). */
  #beginTurn(): void {
    this.#flushing = true
    this.#look()
  }

  #look(): void {
    const { destroyed, writableLength } = this.#transport
    this.#isLost = destroyed
    this.#queued = writableLength
  }

  /** Writes what the protocol has to say, and does to the transport what it wishes. */
  flush(): void {
    this.#flushing = false
    const transport = this.#transport
    const wish = this.#protocol.transportAction
    if (wish === 'destroy') transport.destroy()
    // What can no longer be written is let go of, even if the close report still waits for a handler: that handler may in turn
    // be waiting for room.
    if (!transport.writable) this.#protocol.takeOutput()
    else if (wish === 'end' || !transport.writableNeedDrain) this.#write(this.#protocol.takeOutput())
    if (wish === 'end' && transport.writable) transport.end()
    if (this.#full || this.#sendQueue?.isWaiting) this.#checkRoom()
  }

  #write(chunks: readonly Uint8Array[]): void {
    if (chunks.length === 0) return
    const transport = this.#transport
    const last = chunks.length - 1
    if (last > 0) transport.cork()
    for (let i = 0; i < last; i++) transport.write(chunks[i])
    for (const chunk of chunks) this.#owner.counters.bytesSent += chunk.length
    // Who waits for less than the transport's own high-water mark has to be told by the write itself.
    if (this.#full || this.#sendQueue?.isWaiting) transport.write(chunks[last], () => this.#checkRoom())
    else transport.write(chunks[last])
    if (last > 0) transport.uncork()
    this.#protocol.transportFull = transport.writableNeedDrain
  }

  // ── for the socket ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** As the protocol has it, except that nothing is open without a transport, though the report may wait for a handler. */
  get state(): State {
    const { state } = this.#protocol
    return state === 'open' && this.#transport.destroyed ? 'closing' : state
  }

  /** Sends a message. False above the high-water mark, or when nothing can be sent any more. */
  send(data: Sendable, options?: SendOptions): boolean {
    this.#checkQueue()
    if (!this.#protocol.send(data, options)) return false
    this.#owner.counters.messagesSent++
    if (sendChannel.hasSubscribers) sendChannel.publish({ socket: this.socket, data })
    this.requestFlush()
    return !this.#isLost && this.#hasRoom()
  }

  /** Whether less than the high-water mark waits; if not, `ready` and `drain` will tell when it does. */
  #hasRoom(): boolean {
    const bufferedAmount = this.#protocol.bufferedLength + this.#queued
    if (bufferedAmount < this.#settings.highWaterMark) return true
    if (!this.#full) {
      this.#full = true
      this.#owner.counters.backpressure++
      if (backpressureChannel.hasSubscribers)
        backpressureChannel.publish({ socket: this.socket, bufferedAmount })
    }
    return false
  }

  /** Ends the connection if so much waits that no more may. */
  #checkQueue(): void {
    if (this.#protocol.bufferedLength > this.#settings.maxBufferedAmount) this.#endSlow()
  }

  /** More waits than may: unless the transport takes it now, its peer does not read. */
  #endSlow(): void {
    if (this.state !== 'open') return
    const { maxBufferedAmount } = this.#settings
    if (!this.#transport.writableNeedDrain) this.#write(this.#protocol.takeOutput())
    this.#look()
    if (this.#protocol.bufferedLength <= maxBufferedAmount) return
    this.tearDown(new Error(`the peer does not read: more than ${maxBufferedAmount} bytes wait for it`))
  }

  /** Resolves when there is room below the high-water mark, or the connection has ended. */
  get ready(): Promise<void> {
    if (!this.#full) return Promise.resolve()
    this.#ready ??= Promise.withResolvers()
    return this.#ready.promise
  }

  #checkRoom(): void {
    this.#sendQueue?.look()
    this.#checkFull()
  }

  #checkFull(): void {
    if (!this.#full || this.bufferedAmount >= this.#settings.highWaterMark) return
    // What waited for it in topics may fill it again.
    this.#owner.topics.drained(this)
    if (this.bufferedAmount >= this.#settings.highWaterMark) return
    this.#settleReady()
    if (this.state !== 'open') return
    if (drainChannel.hasSubscribers) drainChannel.publish({ socket: this.socket })
    callSafely(
      () => this.#settings.handlers.drain?.(this.socket),
      error => this.fail(error),
    )
  }

  #settleReady(): void {
    this.#full = false
    this.#ready?.resolve()
    this.#ready = undefined
  }

  /** See `Socket.sendStream`. */
  sendStream(source: PieceSource, type?: MessageType): Promise<void> {
    if (this.#sendQueue === undefined) {
      this.#sendQueue = new SendQueue(this)
      if (this.isGone || this.#closeReport !== undefined) this.#sendQueue.end(this.#closeReport)
    }
    return this.#sendQueue.send(source, type)
  }

  /** See `Socket.ping`. */
  sendPing(payload?: Uint8Array): void {
    this.#checkQueue()
    if (this.#protocol.ping(payload)) this.requestFlush()
  }

  /** Begins a message in pieces. Undefined unless the connection is open. */
  openStream(type: MessageType): OutgoingStream | undefined {
    const stream = this.#protocol.stream(type)
    if (stream !== undefined) this.#owner.counters.messagesSent++
    return stream
  }

  /** Whether another piece has room. What waits behind the message that it is of does not count: it cannot leave before. */
  get hasRoomForPieces(): boolean {
    if (this.#protocol.isTransforming) return false
    return this.#protocol.outputLength + this.#transport.writableLength < this.#settings.highWaterMark
  }

  /** Nothing can be sent any more, though the close report may wait for a handler. */
  get isGone(): boolean {
    return this.#transport.destroyed
  }

  /** Ends the connection for an error that its caller is told. */
  failQuietly(error: unknown): void {
    this.#protocol.fail(error)
    this.requestFlush()
  }

  // ── for topics ────────────────────────────────────────────────────────────────────────────────────────────────────────

  get isSlow(): boolean {
    this.#look()
    return !this.#hasRoom()
  }

  closeSlow(): void {
    this.beginClose(CloseCode.policyViolation, 'reads too slowly')
  }

  subscribe(topic: string): boolean {
    return this.state === 'open' && this.#owner.topics.subscribe(this, topic)
  }

  unsubscribe(topic: string): boolean {
    return this.#owner.topics.unsubscribe(this, topic)
  }

  get topics(): ReadonlySet<string> {
    return this.#owner.topics.topicsOf(this)
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Ends the connection at once. */
  tearDown(cause?: unknown): void {
    this.#protocol.terminate(cause)
    this.#transport.destroy()
    // It waits for nobody.
    this.#protocol.takeOutput()
  }

  /** Ends the connection for an error of a handler's, which is reported. */
  fail(error: unknown): void {
    this.#report(error)
    this.#protocol.fail(error)
    this.requestFlush()
  }

  /** See `Socket.close`. */
  beginClose(code?: number, reason?: string): void {
    this.#protocol.close(code, reason)
    this.requestFlush()
  }

  /** Begins the closing handshake, once the handler that is at work has settled. */
  closeWhenIdle(code: number, reason: string): void {
    if (this.#busy) {
      this.#closeWhenIdle = { code, reason }
      return
    }
    this.beginClose(code, reason)
  }

  /** Ends the connection at once, after the Close that a handler may have held up. */
  dismiss(code: number, reason: string, cause: Error): void {
    this.#protocol.close(code, reason)
    this.flush()
    this.tearDown(cause)
  }

  /** The close report, when there is one. */
  get closed(): Promise<CloseReport> {
    if (this.#closeReport !== undefined) return Promise.resolve(this.#closeReport)
    this.#closed ??= Promise.withResolvers()
    return this.#closed.promise
  }

  /** Milliseconds that the last ping and its pong took. */
  get latency(): number | undefined {
    return this.#keepalive.latency
  }

  // ── from the clock ────────────────────────────────────────────────────────────────────────────────────────────────────

  tick(now: number, elapsed: number): void {
    this.#protocol.tick(now)
    if (this.#protocol.state === 'open') this.#askForLife(now, elapsed)
    this.#watchOutput(now, elapsed)
    this.flush()
  }

  #watchOutput(now: number, elapsed: number): void {
    const waiting = unsentBytes(this.#transport)
    if (waiting === 0) {
      this.#stall = undefined
      return
    }
    const { writeTimeout } = this.#settings
    this.#stall ??= new WriteTimeout(writeTimeout)
    if (this.#stall.isExpired(now, elapsed, waiting))
      this.tearDown(new Error(`the peer took nothing for ${writeTimeout} ms`))
  }

  #askForLife(now: number, elapsed: number): void {
    const due = this.#keepalive.tick(now, elapsed, this.#protocol.isPaused || this.#protocol.transportFull)
    if (due === 'dead')
      this.tearDown(new Error(`no sign of life within ${this.#settings.pongTimeout} ms of a ping`))
    else if (due === 'ping') this.#protocol.ping(this.#keepalive.ping(performance.now()))
  }

  // ── from the protocol ─────────────────────────────────────────────────────────────────────────────────────────────────

  message(data: string | Uint8Array): void {
    this.#owner.counters.messagesReceived++
    if (!this.#spend(this.#rates?.spendMessage())) return
    if (receiveChannel.hasSubscribers) receiveChannel.publish({ socket: this.socket, data })
    if (this.queue !== undefined) {
      this.#await(this.queue.deliver(data))
      return
    }
    try {
      const result = this.#settings.handlers.message?.(this.socket, data)
      if (result !== undefined) this.#await(result)
    } catch (error) {
      this.fail(error)
    }
  }

  stream(type: MessageType): IncomingStream | undefined {
    if (this.#settings.handlers.stream === undefined) return undefined
    this.#owner.counters.messagesReceived++
    if (!this.#spend(this.#rates?.spendMessage())) return undefined
    const { incoming, message } = createMessageStream(type, this, this.#settings.maxStreamSize)
    this.#incoming = incoming
    const handled = this.#handleStream(message)
    return {
      maxSize: this.#settings.maxStreamSize,
      write: incoming.write,
      // The next message waits until this one has been handled.
      end: () => {
        this.#incoming = undefined
        incoming.end()
        this.pause()
        void handled.then(() => this.resume())
      },
      // Its reader is told with the close report, which comes next.
      abort() {},
    }
  }

  async #handleStream(message: MessageStream): Promise<void> {
    this.#busy = true
    try {
      await this.#settings.handlers.stream!(this.socket, message)
    } catch (error) {
      if (!this.#isInterruption(error)) this.fail(error)
    }
    message.cancel()
    this.#settle()
  }

  /** Whether that is what the reader of a message was told when the connection ended inside of it: no error of a handler's. */
  #isInterruption(error: unknown): boolean {
    return this.#closeReport !== undefined && error instanceof Error && error.cause === this.#closeReport
  }

  ping(): void {
    this.#spend(this.#rates?.spendPing())
  }

  pong(payload: Uint8Array): void {
    this.#keepalive.pong(payload, performance.now())
  }

  /** An extension has done its work, on a message of ours or of the peer's. */
  output(): void {
    this.#readOn()
    this.requestFlush()
  }

  close(report: CloseReport): void {
    this.#closeReport = report
    this.#settleReady()
    this.#sendQueue?.end(report)
    this.#closed?.resolve(report)
    this.#owner.closed(this)
    this.queue?.end()
    this.#incoming?.abort(report)
    this.#incoming = undefined
    if (closeChannel.hasSubscribers) closeChannel.publish({ socket: this.socket, report })
    callSafely(
      () => this.#settings.handlers.close?.(this.socket, report),
      error => this.#report(error),
    )
    // Its end came before the report, which had to wait for a handler.
    if (this.#transport[CONNECTION] === undefined) {
      this.#owner.gone(this)
      return
    }
    // Whatever a handler is still at: from here on there is only the peer's end to wait for.
    this.#transport.resume()
  }

  /** Whether this is within the rates. If not, the connection fails with 1008, once what came before has been handled. */
  #spend(fault: ProtocolError | undefined): boolean {
    if (fault === undefined) return true
    this.#limitExceeded ??= fault
    this.#failLimitExceeded()
    return false
  }

  #failLimitExceeded(): void {
    if (this.#limitExceeded !== undefined && !this.#protocol.isPaused)
      this.#protocol.fail(this.#limitExceeded)
  }

  /** Hands nothing more on until the handler has settled. */
  #await(result: unknown): void {
    if (!isPromiseLike(result)) return
    this.pause()
    this.#busy = true
    // Of what only looks like a promise, a promise is made: that settles once.
    Promise.resolve(result).then(
      () => this.#goOn(),
      (error: unknown) => {
        this.fail(error)
        this.#goOn()
      },
    )
  }

  /** What several handlers in a row have to say leaves together, when none of them waits for anything but a microtask. */
  #goOn(): void {
    this.#settle()
    this.resume()
  }

  /** The handler that the next message waits for has settled. */
  #settle(): void {
    this.#busy = false
    if (this.#closeWhenIdle === undefined) return
    this.beginClose(this.#closeWhenIdle.code, this.#closeWhenIdle.reason)
  }

  // ── holding the peer back ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Hands nothing more on until each call has been answered by one of `resume`. */
  pause(): void {
    this.#holds++
    this.#protocol.pause()
  }

  resume(): void {
    if (--this.#holds > 0) return
    this.#protocol.resume()
    this.#failLimitExceeded()
    this.#readOn()
    this.requestFlush()
  }

  #readOn(): void {
    if (this.#transport.isPaused() && this.#protocol.unreadLength < READ_AHEAD) this.#transport.resume()
  }

  #report(error: unknown): void {
    this.#owner.counters.errors++
    if (errorChannel.hasSubscribers) errorChannel.publish({ error, socket: this.socket })
    reportError(this.#settings.onError, error, this.socket)
  }
}

const startReading = createReader(function (this: Transport, bytes) {
  this[CONNECTION]?.receive(bytes)
})

function onEnd(this: Transport): void {
  this[CONNECTION]?.receiveEnd()
}

function onDrain(this: Transport): void {
  this[CONNECTION]?.drained()
}

function onClose(this: Transport): void {
  const connection = this[CONNECTION]
  // V8 keeps sockets of Node past the quick collections of garbage; what was ours shall not stay with them (`pnpm bench handshakes`).
  this[CONNECTION] = undefined
  connection?.gone()
}
