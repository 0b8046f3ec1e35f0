// The order of a connection's input. Chunks that cannot be decoded yet are queued, because the
// caller paused, because the consumer is busy, or because they were received inside a callback.

import { copy } from '../bytes.ts'
import { ChunkQueue } from './chunk-queue.ts'

/** Decodes the input that an `InputQueue` releases. None of its methods throws. */
export interface InputConsumer {
  /** Nothing can be decoded until `InputQueue.advance` is called. */
  readonly isBusy: boolean
  /** The connection has been reported closed: further input is ignored. */
  readonly isClosed: boolean
  /** Delivers a message that was completed while the consumer was busy, if there is one. */
  flush(): void
  /** Decodes one chunk. Returns the index of the first byte that was not decoded. */
  decode(bytes: Uint8Array): number
  /** The transport has ended, and all input before that has been decoded. May be called again. */
  end(cause: Error | undefined): void
}

/** Passes chunks to a consumer in order, and stops while it is paused or the consumer is busy. */
export class InputQueue {
  readonly #consumer: InputConsumer
  #chunks: ChunkQueue | undefined
  #isPaused = false
  /** The consumer is on the call stack: input received in the meantime is queued. */
  #isDispatching = false
  #end: { readonly cause: Error | undefined } | undefined

  constructor(consumer: InputConsumer) {
    this.#consumer = consumer
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  get isStopped(): boolean {
    return this.#isPaused || this.#consumer.isBusy
  }

  /** Bytes that have been received and not decoded. */
  get length(): number {
    return this.#chunks?.length ?? 0
  }

  /** Decodes a chunk or queues it. The bytes are lent for this call: queued bytes are copied. */
  receive(bytes: Uint8Array): void {
    if (this.#consumer.isClosed) return
    if (this.#isDispatching || this.isStopped) {
      this.#chunks ??= new ChunkQueue()
      this.#chunks.push(copy(bytes, 0, bytes.length))
      return
    }
    const at = this.#decode(bytes)
    if (at < bytes.length) this.#putBack(copy(bytes, at, bytes.length))
    this.advance()
  }

  /** The transport has ended; the consumer is notified after all input before that. */
  receiveEnd(cause: Error | undefined): void {
    this.#end = { cause }
    this.advance()
  }

  pause(): void {
    if (!this.#consumer.isClosed) this.#isPaused = true
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
    if (this.#end !== undefined && !this.isStopped) this.#consumer.end(this.#end.cause)
  }

  /** Drops all input, and ends a pause. An end that was received earlier is still reported. */
  release(): void {
    this.#chunks = undefined
    this.#isPaused = false
    if (this.#end !== undefined) this.#consumer.end(this.#end.cause)
  }

  #decode(bytes: Uint8Array): number {
    this.#isDispatching = true
    const at = this.#consumer.decode(bytes)
    this.#isDispatching = false
    return at
  }

  #flush(): void {
    this.#isDispatching = true
    this.#consumer.flush()
    this.#isDispatching = false
  }

  #putBack(rest: Uint8Array): void {
    this.#chunks ??= new ChunkQueue()
    this.#chunks.putBack(rest)
  }
}
