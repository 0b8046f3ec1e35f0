// Sends messages. Frames gather in the protocol, and a batch of them is written to the transport at
// the end of a turn of the event loop or of a received chunk. Keeps the high-water mark, the
// cap on buffered data and the write timeout.

import type { BinaryLike, CloseInfo, MessageType, OutgoingStream, Sendable } from '@ws/protocol'
import { callSafely } from './call-safely.ts'
import { CHANNELS } from './channels.ts'
import type { ConnectionContext } from './connection-context.ts'
import { atEndOfTurn, type Flushable } from './end-of-turn.ts'
import { bufferOverflowError, writeTimeoutError } from './errors.ts'
import { unsentBytes } from './node/transport.ts'
import type { SocketOutput } from './socket.ts'
import { checkSendOptions, type SendOptions, type Written } from './streaming/send-options.ts'
import { type FragmentWriter, SendQueue } from './streaming/send-queue.ts'
import type { PieceSource } from './streaming/send-stream.ts'
import { WriteTimeout } from './write-timeout.ts'
import { notWrittenError, WrittenCallbacks } from './written.ts'

/** The connection whose output this is. */
export interface OutputConnection<S> extends ConnectionContext<S> {
  /** There is room below the high-water mark. What is sent in this call may use it up again. */
  roomAvailable(): void
  terminate(cause: Error): void
  /** Called after each batch. */
  countBufferedMemory(): void
}

/** The output of one connection. */
export class Output<S> implements SocketOutput, Flushable, FragmentWriter {
  readonly #connection: OutputConnection<S>
  /** A batch has begun, so a flush will follow. */
  #isInBatch = false
  // The state of the transport when this batch began. Only `#write` changes it within a batch, and
  // the transport's getters cost as much as sending a short message (`pnpm bench codec`).
  #isDestroyed = false
  #queued = 0
  /** Set when the high-water mark is reached, until there is room again. */
  #room: PromiseWithResolvers<void> | undefined
  #ended: PromiseWithResolvers<CloseInfo> | undefined
  /** Messages sent in pieces; undefined before the first. */
  #sendQueue: SendQueue | undefined
  /** Number of messages accepted for sending. */
  #accepted = 0
  /** Undefined before the first message whose sender wants to know when it is written. */
  #written: WrittenCallbacks | undefined
  /** The callbacks of `onWritten`, until the output is written; undefined without. */
  #frames: Written[] | undefined
  /** Undefined while the transport has no unsent data. */
  #writeTimeout: WriteTimeout | undefined

  constructor(connection: OutputConnection<S>) {
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
    if (options !== undefined) checkSendOptions(options)
    this.#enforceCap()
    if (!connection.protocol.send(data, options)) {
      if (options?.written !== undefined) this.#refuse(options.written)
      return false
    }
    this.#accept(options)
    connection.counters.messagesSent++
    if (CHANNELS.send.hasSubscribers) CHANNELS.send.publish({ ...connection.event, data })
    this.requestFlush()
    return !this.#isDestroyed && this.#hasRoomOrWaits()
  }

  /** See `Socket.sendStream`. */
  sendStream(source: PieceSource, options: SendOptions = {}): Promise<void> {
    if (this.#sendQueue === undefined) {
      const { closeReport, canSend } = this.#connection
      this.#sendQueue = new SendQueue(this)
      if (this.isClosed || (closeReport !== undefined && !canSend)) this.#sendQueue.end(closeReport)
    }
    const { written } = options
    if (typeof written !== 'function') return this.#sendQueue.send(source, options)
    // The message may fail before it begins, and within.
    let isCalled = false
    const writtenOnce: Written = (...error) => {
      if (isCalled) return undefined
      isCalled = true
      return written(...error)
    }
    const sending = this.#sendQueue.send(source, { ...options, written: writtenOnce })
    sending.catch((error: Error) => this.#callWritten(writtenOnce, error))
    return sending
  }

  /** See `Socket.ping`. */
  ping(payload?: BinaryLike): void {
    this.#enforceCap()
    if (this.#connection.protocol.ping(payload)) this.requestFlush()
  }

  /** See `Socket.pong`. */
  pong(payload?: BinaryLike): void {
    this.#enforceCap()
    if (this.#connection.protocol.pong(payload)) this.requestFlush()
  }

  /** See `Protocol.sendEncoded`. */
  sendEncoded(frame: Uint8Array): void {
    this.#enforceCap()
    if (this.#connection.protocol.sendEncoded(frame)) this.requestFlush()
  }

  /**
   * Calls `written`, as that of a message, for the frames that are in the output now: right after
   * `ping`, `pong`, `sendEncoded` or a piece of a message.
   */
  onWritten(written: Written): void {
    if (!this.canSend || this.#connection.transport.closed) {
      this.#refuse(written)
      return
    }
    this.#frames ??= []
    this.#frames.push(written)
    this.requestFlush()
  }

  // ── the callbacks of messages ─────────────────────────────────────────────────────────────────

  #accept(options: SendOptions | undefined): void {
    const number = ++this.#accepted
    if (options?.written === undefined) return
    if (this.#connection.transport.closed) {
      this.#refuse(options.written)
      return
    }
    this.#written ??= new WrittenCallbacks((written, error) => this.#callWritten(written, error))
    this.#written.add(number, options.written)
  }

  #refuse(written: Written): void {
    queueMicrotask(() => this.#callWritten(written, this.#notWrittenError()))
  }

  #callWritten(written: Written, error?: Error): void {
    callSafely(
      () => (error === undefined ? written() : written(error)),
      thrown => this.#connection.fail(thrown),
    )
  }

  #notWrittenError(): Error {
    const { closeReport, transport } = this.#connection
    return notWrittenError(closeReport, transport.errored)
  }

  /** The transport has closed: what it has not taken is lost. */
  transportClosed(): void {
    if (this.#written?.isWaiting) this.#written.end(this.#notWrittenError())
    for (const written of this.#takeFrames()) this.#callWritten(written, this.#notWrittenError())
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────

  /** Resolves with the close report once it is known and nothing can be sent any more. */
  get ended(): Promise<CloseInfo> {
    const { closeReport, canSend } = this.#connection
    this.#ended ??= Promise.withResolvers()
    if (closeReport !== undefined && !canSend) this.#ended.resolve(closeReport)
    return this.#ended.promise
  }

  /** Nothing can be sent any more: ends what waits for room. May be called again. */
  end(report: CloseInfo | undefined): void {
    if (report !== undefined) {
      this.#ended?.resolve(report)
      this.#settleRoom()
    }
    this.#sendQueue?.end(report)
  }

  // ── writing ───────────────────────────────────────────────────────────────────────────────────

  /** Begins a batch, which the caller ends with `flush`. */
  beginBatch(): void {
    this.#isInBatch = true
    this.#readTransport()
  }

  /** Flushes at the end of this turn of the event loop, unless a batch has begun already. */
  requestFlush(): void {
    if (this.#isInBatch) return
    this.beginBatch()
    atEndOfTurn(this)
  }

  /** Writes the batch, then ends or destroys the transport if the protocol requires it. */
  flush(): void {
    this.#isInBatch = false
    const { protocol, transport } = this.#connection
    const action = protocol.transportAction
    if (action === 'destroy') transport.destroy()
    // Output that can no longer be written is dropped even while the close report waits for a
    // handler, because the handler may be waiting for room.
    if (!transport.writable) protocol.takeOutput()
    else if (action === 'end' || !this.#isTransportFull) this.#write(protocol.takeOutput())
    if (action === 'end' && transport.writable) transport.end()
    if (this.#isAwaited()) this.#checkRoom()
    this.#connection.countBufferedMemory()
  }

  /**
   * Whether the kernel has left some of the last write. After a large write the transport asks for a
   * `drain` that it emits in the next turn, even if the kernel has taken all of it.
   */
  get #isTransportFull(): boolean {
    const { transport } = this.#connection
    return transport.writableNeedDrain && transport.writableLength > 0
  }

  #write(chunks: readonly Uint8Array[], isAwaited: boolean = this.#isAwaited()): void {
    if (chunks.length === 0) return
    const { protocol, transport, counters } = this.#connection
    const last = chunks.length - 1
    if (last > 0) transport.cork()
    for (let i = 0; i < last; i++) transport.write(chunks[i])
    for (const chunk of chunks) counters.bytesSent += chunk.length
    // Below its own high-water mark the transport emits no `drain`.
    if (isAwaited || this.#written?.isWaiting || this.#frames !== undefined)
      transport.write(chunks[last], this.#afterWrite())
    else transport.write(chunks[last])
    if (last > 0) transport.uncork()
    protocol.transportFull = this.#isTransportFull
  }

  /** The callback of a write that ends with the last message in the output. */
  #afterWrite(): (error?: Error | null) => void {
    const { transport, protocol } = this.#connection
    const number = protocol.completedMessages
    const frames = this.#takeFrames()
    return error => {
      if (this.#isAwaited()) this.#checkRoom()
      // Node reports success for a write that it gave up because the transport was destroyed.
      const isWritten = error == null && !transport.destroyed
      if (isWritten) this.#written?.settle(number)
      for (const written of frames)
        this.#callWritten(written, isWritten ? undefined : this.#notWrittenError())
    }
  }

  #takeFrames(): readonly Written[] {
    const frames = this.#frames ?? []
    this.#frames = undefined
    return frames
  }

  #readTransport(): void {
    const { destroyed, writableLength } = this.#connection.transport
    this.#isDestroyed = destroyed
    this.#queued = writableLength
  }

  // ── backpressure ──────────────────────────────────────────────────────────────────────────────

  /** See `Socket.ready`. */
  get ready(): Promise<void> {
    return this.#room?.promise ?? Promise.resolve()
  }

  /** Whether there is room below the high-water mark. If not, `roomAvailable` will follow. */
  requestRoom(): boolean {
    this.#readTransport()
    return this.#hasRoomOrWaits()
  }

  #hasRoomOrWaits(): boolean {
    const { protocol, config } = this.#connection
    const { highWaterMark } = config.settings
    if (protocol.bufferedLength + this.#queued < highWaterMark) return true
    this.#writeEarly()
    const bufferedAmount = protocol.bufferedLength + this.#queued
    if (bufferedAmount < highWaterMark) return true
    if (this.#room === undefined) this.#waitForRoom(bufferedAmount)
    return false
  }

  /**
   * Writes before the end of the batch. If the kernel takes everything at once, as it does unless the
   * peer is slow, no handler needs to wait (`pnpm bench echo-64k`).
   */
  #writeEarly(): void {
    const { protocol, transport } = this.#connection
    if (this.#isTransportFull || !transport.writable) return
    this.#write(protocol.takeOutput(), true)
    this.#readTransport()
  }

  #waitForRoom(bufferedAmount: number): void {
    const { counters } = this.#connection
    this.#room = Promise.withResolvers()
    counters.backpressure++
    if (CHANNELS.backpressure.hasSubscribers)
      CHANNELS.backpressure.publish({ ...this.#connection.event, bufferedAmount })
  }

  /** Terminates the connection if more than `maxBufferedAmount` is buffered behind a full transport. */
  #enforceCap(): void {
    const { protocol, config } = this.#connection
    if (protocol.bufferedLength > config.settings.maxBufferedAmount) this.#writeOrTerminate()
  }

  #writeOrTerminate(): void {
    const { protocol, config, canSend } = this.#connection
    if (!canSend) return
    this.#writeEarly()
    const { maxBufferedAmount } = config.settings
    if (protocol.bufferedLength <= maxBufferedAmount) return
    this.#connection.terminate(bufferOverflowError(maxBufferedAmount))
  }

  /** Whether `ready`, `drain` or a streamed message waits for room. */
  #isAwaited(): boolean {
    return this.#room !== undefined || (this.#sendQueue?.isWaiting ?? false)
  }

  #checkRoom(): void {
    this.#sendQueue?.checkRoom()
    if (this.#room === undefined) return
    const { highWaterMark } = this.#connection.config.settings
    if (this.bufferedAmount >= highWaterMark) return
    this.#connection.roomAvailable()
    if (this.bufferedAmount >= highWaterMark) return
    this.#settleRoom()
    if (this.#connection.canSend) this.#callDrain()
  }

  #settleRoom(): void {
    this.#room?.resolve()
    this.#room = undefined
  }

  #callDrain(): void {
    const connection = this.#connection
    const { config, socket } = connection
    if (CHANNELS.drain.hasSubscribers) CHANNELS.drain.publish(connection.event)
    callSafely(
      () => config.handlers.drain?.(socket),
      error => connection.fail(error),
    )
  }

  /** Terminates the connection if the peer has accepted no data within `writeTimeout`. */
  tick(now: number, elapsed: number): void {
    const unsent = unsentBytes(this.#connection.transport)
    if (unsent === 0) {
      this.#writeTimeout = undefined
      return
    }
    const { writeTimeout } = this.#connection.config.settings
    this.#writeTimeout ??= new WriteTimeout(writeTimeout)
    if (this.#writeTimeout.isExpired(now, elapsed, unsent))
      this.#connection.terminate(writeTimeoutError(writeTimeout))
  }

  // ── streamed messages ─────────────────────────────────────────────────────────────────────────

  get canSend(): boolean {
    return this.#connection.canSend
  }

  get isClosed(): boolean {
    return this.#connection.transport.destroyed
  }

  /**
   * Messages queued behind the streamed one do not count: they cannot be written before its end.
   */
  get hasRoomForFragment(): boolean {
    const { protocol, transport, config } = this.#connection
    if (protocol.isTransforming) return false
    return protocol.outputLength + transport.writableLength < config.settings.highWaterMark
  }

  openStream(type: MessageType, options: SendOptions): OutgoingStream | undefined {
    const stream = this.#connection.protocol.stream(type, options)
    if (stream === undefined) return undefined
    this.#accept(options)
    this.#connection.counters.messagesSent++
    return stream
  }

  fail(error: unknown): void {
    this.#connection.protocol.fail(error)
    this.requestFlush()
  }
}
