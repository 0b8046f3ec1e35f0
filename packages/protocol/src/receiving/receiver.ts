// The receiving half of a connection: passes the received bytes to the frame decoder in order.
// Chunks that cannot be decoded yet are queued, because the caller paused, because an extension is
// at work, or because they were received inside a callback.

import { FrameDecoder } from '@ws/frame'
import { copy } from '../bytes.ts'
import { Assembler, type AssemblerConnection } from './assembler.ts'
import { ChunkQueue } from './chunk-queue.ts'

/** The connection that a `Receiver` receives for. */
export interface ReceiverConnection extends AssemblerConnection {
  /** The transport has ended, and all input before that has been decoded. May be called again. */
  endTransport(cause: Error | undefined): void
}

export class Receiver {
  readonly #connection: ReceiverConnection
  readonly #assembler: Assembler
  readonly #decoder: FrameDecoder
  #chunks: ChunkQueue | undefined
  #isPaused = false
  /** The sink is on the call stack: input received in the meantime is queued. */
  #isDispatching = false
  #end: { readonly cause: Error | undefined } | undefined

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

  /** Decodes a chunk or queues it. The bytes are lent for this call: queued bytes are copied. */
  receive(bytes: Uint8Array): void {
    if (this.#connection.isClosed) return
    if (this.#isDispatching || this.isStopped) {
      this.#chunks ??= new ChunkQueue()
      this.#chunks.push(copy(bytes, 0, bytes.length))
      return
    }
    const at = this.#decode(bytes)
    if (at < bytes.length) this.#putBack(copy(bytes, at, bytes.length))
    this.advance()
  }

  /** The transport has ended, which is handled after all input before that. */
  receiveEnd(cause: Error | undefined): void {
    this.#end = { cause }
    this.advance()
  }

  pause(): void {
    if (!this.#connection.isClosed) this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.advance()
  }

  /** Decodes as much of the queue as possible, then reports the end of the transport. */
  advance(): void {
    if (this.#isDispatching) return
    if (!this.isStopped) this.#flush()
    while (this.#chunks !== undefined && !this.isStopped) {
      const chunk = this.#chunks.take()
      if (chunk === undefined) this.#chunks = undefined
      else {
        const at = this.#decode(chunk)
        if (at < chunk.length) this.#putBack(chunk.subarray(at))
      }
    }
    if (this.#end !== undefined && !this.isStopped) this.#connection.endTransport(this.#end.cause)
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
    this.#chunks = undefined
    this.#isPaused = false
    if (this.#end !== undefined) this.#connection.endTransport(this.#end.cause)
    this.#assembler.release()
  }

  /** Decodes a chunk. Returns the index of the first byte that was not decoded. */
  #decode(bytes: Uint8Array): number {
    let at = bytes.length
    this.#isDispatching = true
    try {
      at = this.#decoder.decode(bytes)
    } catch (error) {
      this.#connection.fail(error)
    }
    this.#isDispatching = false
    return this.#connection.isClosed ? bytes.length : at
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
}
