// Sends messages: frames gather in the protocol and are written to the transport once per turn of
// the event loop. Keeps the high-water mark, the cap on buffered data and the write timeout.

import type { Duplex } from 'node:stream'
import type { CloseInfo, MessageType, OutgoingStream, Protocol, SendOptions, State } from '@ws/protocol'
import type { ConnectionCounters } from './counters.ts'
import type { ConnectionChannels } from './diagnostics.ts'
import { atEndOfTurn, type Flushable } from './end-of-turn.ts'
import { unsentBytes } from './node/transport.ts'
import type { ConnectionSettings } from './options/connection-options.ts'
import type { Sendable } from './socket.ts'
import { type FragmentWriter, SendQueue } from './streaming/send-queue.ts'
import type { PieceSource } from './streaming/send-stream.ts'
import { WriteTimeout } from './write-timeout.ts'

/** The connection whose output this is. */
export interface OutputConnection {
  readonly protocol: Protocol
  readonly transport: Duplex
  readonly settings: ConnectionSettings
  readonly socket: unknown
  readonly state: State
  readonly closeReport: CloseInfo | undefined
  readonly counters: ConnectionCounters
  readonly channels: ConnectionChannels
  /** There is room below the high-water mark. What is sent in this call may use it up again. */
  roomAvailable(): void
  /** There is still room after that. */
  outputDrained(): void
  terminate(cause: Error): void
}

/** The output of one connection. */
export class Output implements Flushable, FragmentWriter {
  readonly #connection: OutputConnection
  /** A flush will follow without being scheduled. */
  #flushing = false
  // The state of the transport when this turn began. Only `#write` changes it within a turn, and
  // the transport's getters cost as much as sending a short message (`pnpm bench codec`).
  #isDestroyed = false
  #queued = 0
  /** The high-water mark was reached, and the data has not been written since. */
  #full = false
  #ready: PromiseWithResolvers<void> | undefined
  /** Messages sent in pieces; undefined before the first. */
  #sendQueue: SendQueue | undefined
  /** Undefined while the transport has no unsent data. */
  #writeTimeout: WriteTimeout | undefined

  constructor(connection: OutputConnection) {
    this.#connection = connection
  }

  /**
   * Bytes accepted for sending that the kernel has not taken; 0 when they can no longer be sent.
   */
  get bufferedAmount(): number {
    const { protocol, transport } = this.#connection
    if (transport.destroyed || protocol.transportAction === 'destroy') return 0
    return protocol.bufferedLength + transport.writableLength
  }

  /** See `Socket.send`. */
  send(data: Sendable, options?: SendOptions): boolean {
    const connection = this.#connection
    this.#enforceCap()
    if (!connection.protocol.send(data, options)) return false
    connection.counters.messagesSent++
    const { send } = connection.channels
    if (send.hasSubscribers) send.publish({ socket: connection.socket, data })
    this.requestFlush()
    return !this.#isDestroyed && this.#hasRoom()
  }

  /** See `Socket.sendStream`. */
  sendStream(source: PieceSource, type?: MessageType): Promise<void> {
    if (this.#sendQueue === undefined) {
      const { closeReport } = this.#connection
      this.#sendQueue = new SendQueue(this)
      if (this.isClosed || closeReport !== undefined) this.#sendQueue.end(closeReport)
    }
    return this.#sendQueue.send(source, type)
  }

  /** See `Socket.ping`. */
  ping(payload?: Uint8Array): void {
    this.#enforceCap()
    if (this.#connection.protocol.ping(payload)) this.requestFlush()
  }

  /** Ends streamed messages; without a report if that waits for a handler. */
  end(report: CloseInfo | undefined): void {
    if (report !== undefined) this.#settleReady()
    this.#sendQueue?.end(report)
  }

  // ── writing ───────────────────────────────────────────────────────────────────────────────────

  /** Marks the beginning of a turn that ends with a `flush`. */
  beginTurn(): void {
    this.#flushing = true
    this.#readTransport()
  }

  /** Has the output flushed at the end of this turn, unless a flush will follow anyway. */
  requestFlush(): void {
    if (this.#flushing) return
    this.beginTurn()
    atEndOfTurn(this)
  }

  /** Writes what the protocol has to send, and ends or destroys the transport when it says so. */
  flush(): void {
    this.#flushing = false
    const { protocol, transport } = this.#connection
    const action = protocol.transportAction
    if (action === 'destroy') transport.destroy()
    // Output that can no longer be written is dropped even while the close report waits for a
    // handler, because the handler may be waiting for room.
    if (!transport.writable) protocol.takeOutput()
    else if (action === 'end' || !transport.writableNeedDrain) this.#write(protocol.takeOutput())
    if (action === 'end' && transport.writable) transport.end()
    if (this.#isAwaited()) this.#checkRoom()
  }

  #write(chunks: readonly Uint8Array[]): void {
    if (chunks.length === 0) return
    const { protocol, transport, counters } = this.#connection
    const last = chunks.length - 1
    if (last > 0) transport.cork()
    for (let i = 0; i < last; i++) transport.write(chunks[i])
    for (const chunk of chunks) counters.bytesSent += chunk.length
    // Below its own high-water mark the transport emits no `drain`.
    if (this.#isAwaited()) transport.write(chunks[last], () => this.#checkRoom())
    else transport.write(chunks[last])
    if (last > 0) transport.uncork()
    protocol.transportFull = transport.writableNeedDrain
  }

  #readTransport(): void {
    const { destroyed, writableLength } = this.#connection.transport
    this.#isDestroyed = destroyed
    this.#queued = writableLength
  }

  // ── backpressure ──────────────────────────────────────────────────────────────────────────────

  /** See `Socket.ready`. */
  get ready(): Promise<void> {
    if (!this.#full) return Promise.resolve()
    this.#ready ??= Promise.withResolvers()
    return this.#ready.promise
  }

  /**
   * Whether the buffered data has reached the high-water mark. If so, `roomAvailable` will follow.
   */
  get isSlow(): boolean {
    this.#readTransport()
    return !this.#hasRoom()
  }

  #hasRoom(): boolean {
    const connection = this.#connection
    const bufferedAmount = connection.protocol.bufferedLength + this.#queued
    if (bufferedAmount < connection.settings.highWaterMark) return true
    if (!this.#full) {
      this.#full = true
      connection.counters.backpressure++
      const { backpressure } = connection.channels
      if (backpressure.hasSubscribers) backpressure.publish({ socket: connection.socket, bufferedAmount })
    }
    return false
  }

  /**
   * Terminates the connection if more than `maxBufferedAmount` waits that the transport does not
   * take.
   */
  #enforceCap(): void {
    const { protocol, settings } = this.#connection
    if (protocol.bufferedLength > settings.maxBufferedAmount) this.#relieve()
  }

  #relieve(): void {
    const { protocol, settings, transport, state } = this.#connection
    if (state !== 'open') return
    if (!transport.writableNeedDrain) this.#write(protocol.takeOutput())
    this.#readTransport()
    const { maxBufferedAmount } = settings
    if (protocol.bufferedLength <= maxBufferedAmount) return
    const cause = new Error(`the peer does not read: more than ${maxBufferedAmount} bytes wait for it`)
    this.#connection.terminate(cause)
  }

  /** Whether `ready`, `drain` or a streamed message waits for room. */
  #isAwaited(): boolean {
    return this.#full || (this.#sendQueue?.isWaiting ?? false)
  }

  #checkRoom(): void {
    this.#sendQueue?.checkRoom()
    const { highWaterMark } = this.#connection.settings
    if (!this.#full || this.bufferedAmount >= highWaterMark) return
    this.#connection.roomAvailable()
    if (this.bufferedAmount >= highWaterMark) return
    this.#settleReady()
    if (this.#connection.state === 'open') this.#connection.outputDrained()
  }

  #settleReady(): void {
    this.#full = false
    this.#ready?.resolve()
    this.#ready = undefined
  }

  /** Terminates the connection if the transport has taken nothing within `writeTimeout`. */
  tick(now: number, elapsed: number): void {
    const unsent = unsentBytes(this.#connection.transport)
    if (unsent === 0) {
      this.#writeTimeout = undefined
      return
    }
    const { writeTimeout } = this.#connection.settings
    this.#writeTimeout ??= new WriteTimeout(writeTimeout)
    if (this.#writeTimeout.isExpired(now, elapsed, unsent))
      this.#connection.terminate(new Error(`the peer took nothing for ${writeTimeout} ms`))
  }

  // ── streamed messages ─────────────────────────────────────────────────────────────────────────

  get state(): State {
    return this.#connection.state
  }

  get isClosed(): boolean {
    return this.#connection.transport.destroyed
  }

  /**
   * Messages queued behind the streamed one do not count: they cannot be written before its end.
   */
  get hasRoomForFragment(): boolean {
    const { protocol, transport, settings } = this.#connection
    if (protocol.isTransforming) return false
    return protocol.outputLength + transport.writableLength < settings.highWaterMark
  }

  openStream(type: MessageType): OutgoingStream | undefined {
    const stream = this.#connection.protocol.stream(type)
    if (stream !== undefined) this.#connection.counters.messagesSent++
    return stream
  }

  fail(error: unknown): void {
    this.#connection.protocol.fail(error)
    this.requestFlush()
  }
}
