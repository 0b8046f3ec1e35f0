// The sending half of a connection: messages in order, control frames between them, and the Close
// frame, after which nothing is sent (RFC 6455 §5.4, §5.5, §6.1).

import { Opcode } from '@ws/frame'
import type { Context } from '../context.ts'
import type { MessageType, SendOptions } from '../extension.ts'
import { MessageQueue, type MessageQueueListener } from './message-queue.ts'
import { OutputBuffer } from './output-buffer.ts'
import type { PreparedMessage } from './prepared-message.ts'

/** The connection that a `Sender` sends for. */
export interface SenderConnection extends Context {
  /** The extension failed: later messages cannot be sent in order. */
  fail(error: unknown): void
}

export class Sender implements MessageQueueListener {
  /** The frames that wait to be taken. */
  readonly output: OutputBuffer
  readonly #connection: SenderConnection
  /** Made when first needed: without an extension, most connections never stream a message. */
  #queue: MessageQueue | undefined
  /** The newest ping that was not answered because the transport was full. */
  #unansweredPing: Uint8Array | undefined
  #transportFull = false
  #isFinished = false
  #isReleased = false

  constructor(connection: SenderConnection) {
    this.#connection = connection
    this.output = new OutputBuffer(connection)
  }

  /** Our Close frame has been written, or no frame can be written any more. */
  get isFinished(): boolean {
    return this.#isFinished
  }

  get isTransforming(): boolean {
    return this.#queue?.isTransforming === true
  }

  /** Bytes that have been accepted and not been taken. */
  get length(): number {
    return this.output.length + (this.#queue?.length ?? 0)
  }

  /** While true, pings are not answered; once it is false again, the newest of them is. */
  get transportFull(): boolean {
    return this.#transportFull
  }

  set transportFull(transportFull: boolean) {
    this.#transportFull = transportFull
    const payload = this.#unansweredPing
    if (transportFull || payload === undefined) return
    this.#unansweredPing = undefined
    this.control(Opcode.pong, payload)
  }

  send(message: string | Uint8Array | PreparedMessage, options?: SendOptions): void {
    // Stryker disable next-line ConditionalExpression: only a fast path.
    if (this.#connection.extension === undefined && this.#queue?.isEmpty !== false) {
      this.output.addMessage(message, options?.type)
      this.output.completedMessages++
    } else this.#openQueue().send(message, options)
  }

  /** Begins a message. Call the returned function with each of its pieces. */
  stream(type: MessageType, options?: SendOptions): (data: string | Uint8Array, isLast: boolean) => void {
    return this.#openQueue().stream(type, options)
  }

  /**
   * Sends a ping or a pong ahead of queued messages: they "MAY be injected in the middle of a
   * fragmented message".
   */
  control(opcode: number, payload: Uint8Array): void {
    if (!this.#isFinished) this.output.addFrame(opcode, payload)
  }

  /** Sends an encoded frame ahead of queued messages. */
  encoded(frame: Uint8Array): void {
    this.output.addEncoded(frame)
  }

  /** Answers a ping. The payload is copied. */
  answerPing(payload: Uint8Array): void {
    // "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to
    // previous Ping frame(s), the endpoint MAY elect to send a Pong frame for only the most
    // recently processed Ping frame."
    if (this.#transportFull) this.#unansweredPing = new Uint8Array(payload)
    else this.control(Opcode.pong, payload)
  }

  /** Sends a Close frame after the messages that were sent whole. A streamed message is cut off. */
  close(payload: Uint8Array): void {
    if (this.#queue === undefined) this.#finish(payload)
    else this.#queue.close(payload)
  }

  /** Drops queued messages and sends a Close frame at once, or none if there is no payload. */
  abort(payload?: Uint8Array): void {
    this.#queue?.abort()
    this.#unansweredPing = undefined
    if (!this.#isFinished) this.#finish(payload)
  }

  /** The connection has been reported closed: closes the extension after the last frame. */
  release(): void {
    this.#isReleased = true
    if (this.#isFinished) this.#connection.extension?.close()
  }

  queueFailed(error: unknown): void {
    this.#connection.fail(error)
  }

  queueDrained(closePayload: Uint8Array): void {
    this.#finish(closePayload)
  }

  #openQueue(): MessageQueue {
    this.#queue ??= new MessageQueue(this.#connection, this.output, this)
    return this.#queue
  }

  #finish(closePayload: Uint8Array | undefined): void {
    if (closePayload !== undefined) this.output.addFrame(Opcode.close, closePayload)
    this.#isFinished = true
    // Stryker disable next-line OptionalChaining: only with an extension is it released.
    if (this.#isReleased) this.#connection.extension?.close()
  }
}
