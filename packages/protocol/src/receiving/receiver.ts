// The receiving half of a connection: passes the received bytes to the frame decoder in order.
// Chunks that cannot be decoded yet are queued, because the caller paused, because an extension is
// at work, or because they were received inside a callback.

import { FrameDecoder, FrameScanner } from '@ws/frame'
import { copy } from '../bytes.ts'
import { Assembler, type AssemblerConnection } from './assembler.ts'
import { ChunkQueue } from './chunk-queue.ts'
import { Discarder } from './discarder.ts'
import { type InputState, LookAhead, type LookAheadConnection } from './look-ahead.ts'

/** The connection that a `Receiver` receives for. */
export interface ReceiverConnection extends AssemblerConnection, LookAheadConnection {
  readonly receiver: Receiver
  /**
   * The transport has ended, but input before that is still held. May be called again, with a cause
   * if the other half has failed.
   */
  announceEnd(cause: Error | undefined): void
  /** The transport has ended, and all input before that has been decoded. May be called again. */
  endTransport(cause: Error | undefined): void
}

export class Receiver {
  readonly #connection: ReceiverConnection
  readonly #assembler: Assembler
  readonly #decoder: FrameDecoder
  /** Undefined while no bytes are held. */
  #chunks: ChunkQueue | undefined
  #lookAhead: LookAhead | undefined
  /** Set once messages are discarded, and no decoder is in the middle of a call. */
  #scanner: FrameScanner | undefined
  #isPaused = false
  #isDiscarding = false
  /** The sink is on the call stack: input received in the meantime is queued. */
  #isDispatching = false
  #end: { readonly cause: Error | undefined } | undefined
  #isEndAnnounced = false

  constructor(connection: ReceiverConnection) {
    const { role, extension } = connection
    this.#connection = connection
    this.#assembler = new Assembler(connection)
    this.#decoder = new FrameDecoder(role, this.#assembler, extension?.reservedBits)
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Paused, or waiting for an extension. */
  get isStopped(): boolean {
    return this.#isPaused || this.#assembler.isBusy
  }

  /** Bytes that have been received and not decoded. */
  get length(): number {
    return this.#chunks?.length ?? 0
  }

  /** Bytes of memory that the input takes. */
  get memory(): number {
    return this.#assembler.memory + (this.#chunks?.memory ?? 0)
  }

  /** Decodes a chunk or queues it. The bytes are lent for this call: queued bytes are copied. */
  receive(bytes: Uint8Array): void {
    if (this.#connection.isClosed) return
    if (this.#isDispatching || this.isStopped) {
      if (this.#lookAhead?.isDone === true) return
      this.#chunks ??= new ChunkQueue()
      this.#chunks.push(copy(bytes, 0, bytes.length))
      return
    }
    const at = this.#decode(bytes, 0)
    // Stryker disable next-line ConditionalExpression,EqualityOperator: putting nothing back is
    // harmless.
    if (at < bytes.length) this.#putBack(copy(bytes, at, bytes.length))
    this.advance()
  }

  /** The transport has ended, which is handled after all input before that. */
  receiveEnd(cause: Error | undefined): void {
    this.#end = { cause }
    this.#isEndAnnounced = false
    this.advance()
  }

  pause(): void {
    if (!this.#connection.isClosed && !this.#isDiscarding) this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.advance()
  }

  /** Drops the message in progress and all later ones, and ends a pause for good. */
  discard(): void {
    this.#isDiscarding = true
    this.#isPaused = false
    this.#assembler.release()
    this.advance()
  }

  /** Looks ahead in held input, at the bytes that were received since the last call. */
  scan(): void {
    const chunks = this.#chunks
    if (chunks === undefined || this.#isDispatching) return
    // The decoder may have passed the position since.
    if (this.#lookAhead === undefined || this.#lookAhead.position < chunks.start)
      this.#lookAhead = new LookAhead(this.#connection, chunks, this.#state)
    this.#isDispatching = true
    this.#lookAhead.scan(chunks)
    this.#isDispatching = false
    this.advance()
  }

  /** Whether the ping or pong that is being decoded was found before. Call it once for each. */
  skipFound(): boolean {
    return this.#lookAhead?.skipFound() === true
  }

  /** Decodes as much of the queue as possible, then reports the end of the transport. */
  advance(): void {
    if (this.#isDispatching) return
    if (!this.isStopped) this.#flush()
    while (this.#chunks !== undefined && !this.isStopped) {
      const chunks = this.#chunks
      if (chunks.first === undefined) this.#dropQueue()
      else chunks.takeTo(this.#decode(chunks.first, chunks.offset))
    }
    if (this.#end !== undefined) this.#advanceEnd(this.#end.cause)
  }

  #advanceEnd(cause: Error | undefined): void {
    if (!this.isStopped) this.#connection.endTransport(cause)
    else if (!this.#isEndAnnounced) {
      this.#isEndAnnounced = true
      // The peer's Close may be among the bytes before the end.
      this.scan()
      this.#connection.announceEnd(cause)
    }
  }

  /** Checks the deadline of the current message; see `Deadline.isExpired`. */
  tick(now: number, elapsed: number): void {
    try {
      this.#assembler.tick(now, elapsed, this.isStopped)
    } catch (error) {
      this.#connection.fail(error)
    }
  }

  /**
   * Drops all input, and ends a pause: the connection has been reported closed. An end that was
   * received earlier is still handled.
   */
  release(): void {
    // First the queue: a stream that is aborted may call `resume`.
    this.#dropQueue()
    this.#isPaused = false
    if (this.#end !== undefined) this.#connection.endTransport(this.#end.cause)
    this.#assembler.release()
  }

  /** Decodes a chunk from `start` on. Returns the index of the first byte that was not decoded. */
  #decode(bytes: Uint8Array, start: number): number {
    let at = bytes.length
    this.#isDispatching = true
    try {
      at = this.#isDiscarding ? this.#scan(bytes, start) : this.#decoder.decode(bytes, start)
    } catch (error) {
      this.#connection.fail(error)
    }
    this.#isDispatching = false
    return this.#connection.isClosed ? bytes.length : at
  }

  /** Skips messages in a chunk, from the state of the decoder on. */
  #scan(bytes: Uint8Array, start: number): number {
    if (this.#scanner === undefined) {
      const { role, extension } = this.#connection
      const { partialFrame, isFragmented } = this.#state
      const discarder = new Discarder(this.#connection, isFragmented)
      this.#scanner = new FrameScanner(role, discarder, extension?.reservedBits, partialFrame)
    }
    return this.#scanner.scan(bytes, start)
  }

  get #state(): InputState {
    return { partialFrame: this.#decoder.partialFrame, isFragmented: this.#assembler.isFragmented }
  }

  /** Delivers a message that an extension completed in the meantime, if there is one. */
  #flush(): void {
    this.#isDispatching = true
    try {
      this.#assembler.finishTransformed()
    } catch (error) {
      this.#connection.fail(error)
    }
    this.#isDispatching = false
  }

  #putBack(rest: Uint8Array): void {
    this.#chunks ??= new ChunkQueue()
    this.#chunks.putBack(rest)
  }

  #dropQueue(): void {
    this.#chunks = undefined
    this.#lookAhead = undefined
  }
}
