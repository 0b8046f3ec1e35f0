// Assembles frames to messages (RFC 6455 §5.4, §6.2): the order of fragments, the limits, and
// whether a message is delivered whole, buffered, streamed or transformed.

import { type FrameHeader, type FrameSink, isControl, Opcode } from '@ws/frame'
import { copy } from '../bytes.ts'
import type { MessageType } from '../extension.ts'
import type { IncomingStream } from '../sink.ts'
import { type ControlConnection, type ControlInput, receiveControl } from './control-frames.ts'
import { checkOrder } from './frame-order.ts'
import { checkMessageSize, MessageAccount } from './message-account.ts'
import { BufferedMessage, copyText, decodeText, type MessageBody, StreamedMessage } from './message-body.ts'
import { Transformer, type TransformListener } from './transformer.ts'

/** A message in progress, unless it lies whole in one chunk. */
interface IncomingMessage {
  readonly account: MessageAccount
  readonly body: MessageBody
  readonly transformer: Transformer | undefined
}

/** The connection that an `Assembler` receives for. */
export interface AssemblerConnection extends ControlConnection {
  /** The receiver whose frames the `Assembler` gets. */
  readonly receiver: AssemblerInput
  /** The peer, the extension or the sink failed. */
  fail(error: unknown): void
}

/** The input that an `Assembler` can hold up. */
interface AssemblerInput extends ControlInput {
  /** Nothing may be decoded until `advance` is called. */
  readonly isStopped: boolean
  /** Continues, because an extension has finished its work. */
  advance(): void
}

/** Receives the frames of one connection. */
export class Assembler implements FrameSink, TransformListener {
  readonly #connection: AssemblerConnection
  #message: IncomingMessage | undefined
  #isFragmented = false
  #isReleased = false

  constructor(connection: AssemblerConnection) {
    this.#connection = connection
  }

  /** An extension is at work on the current piece. */
  get isBusy(): boolean {
    return this.#message?.transformer?.isRunning === true
  }

  /** Bytes of memory that the message in progress takes. */
  get memory(): number {
    const message = this.#message
    return message === undefined ? 0 : message.body.memory + (message.transformer?.length ?? 0)
  }

  /** A message is in progress, of which more frames follow the current one. */
  get isFragmented(): boolean {
    return this.#isFragmented
  }

  /** See `FrameSink`. Throws a `ProtocolError`, and errors of the sink. */
  header(header: Readonly<FrameHeader>, isWhole: boolean): void {
    checkOrder(header, this.#isFragmented)
    if (isControl(header.opcode)) return
    this.#isFragmented = !header.fin
    if (header.opcode === Opcode.continuation)
      this.#message!.account.countFrame(header.payloadLength, header.fin)
    else this.#beginMessage(header, isWhole)
  }

  /** See `FrameSink`. Throws as `header` does. */
  payload(
    header: Readonly<FrameHeader>,
    bytes: Uint8Array,
    start: number,
    end: number,
    isLast: boolean,
  ): boolean {
    if (this.#isReleased) return true
    const connection = this.#connection
    if (isControl(header.opcode)) receiveControl(connection, header.opcode, bytes, start, end)
    else this.#receiveData(header, bytes, start, end, isLast)
    return connection.receiver.isStopped || this.#isReleased
  }

  #receiveData(
    header: Readonly<FrameHeader>,
    bytes: Uint8Array,
    start: number,
    end: number,
    isLast: boolean,
  ): void {
    const message = this.#message
    if (message === undefined) {
      const { host, sink, textAsBytes } = this.#connection
      if (header.opcode !== Opcode.text) sink.message(copy(bytes, start, end), 'binary')
      else if (textAsBytes) sink.message(copyText(host, bytes, start, end), 'text')
      else sink.message(decodeText(host, bytes, start, end), 'text')
      return
    }
    const isComplete = isLast && header.fin
    if (message.transformer === undefined) {
      message.body.push(bytes, start, end)
      if (isComplete) this.#finish(message)
    } else {
      message.transformer.write(copy(bytes, start, end), isComplete)
      this.finishTransformed()
    }
  }

  /** Delivers the current message if an extension has transformed all of it. */
  finishTransformed(): void {
    const message = this.#message
    if (message?.transformer?.isComplete) this.#finish(message)
  }

  /** Checks the deadline of the current message. Throws a `ProtocolError` (1008). */
  tick(now: number, elapsed: number, isStopped: boolean): void {
    this.#message?.account.tick(now, elapsed, isStopped)
  }

  /** Aborts the current message and drops all later ones. */
  release(): void {
    this.#isReleased = true
    const message = this.#message
    this.#message = undefined
    message?.transformer?.close()
    message?.body.abort()
  }

  // ── from the extension ──────────────────────────────────────────────────────────────────────

  transformed(): void {
    this.#connection.receiver.advance()
    this.#connection.sink.output?.()
  }

  transformFailed(error: unknown): void {
    this.#connection.fail(error)
    this.transformed()
  }

  // ── a message ───────────────────────────────────────────────────────────────────────────────

  #beginMessage(header: Readonly<FrameHeader>, isWhole: boolean): void {
    const type = header.opcode === Opcode.text ? 'text' : 'binary'
    const stream = this.#connection.sink.stream?.(type)
    if (this.#isReleased) {
      // Stryker disable next-line OptionalChaining: the connection has been reported closed.
      stream?.abort()
      return
    }
    // Stryker disable next-line ConditionalExpression,BlockStatement: only a fast path.
    if (isWhole && header.fin && header.rsv === 0 && stream === undefined) {
      checkMessageSize(this.#connection.limits, header.payloadLength)
      return
    }
    try {
      this.#message = this.#createMessage(header, type, stream)
    } catch (error) {
      stream?.abort()
      throw error
    }
    this.#message.account.countFrame(header.payloadLength, header.fin)
  }

  #createMessage(
    { rsv }: Readonly<FrameHeader>,
    type: MessageType,
    stream: IncomingStream | undefined,
  ): IncomingMessage {
    const { host, limits, extension, sink, textAsBytes } = this.#connection
    const account = new MessageAccount(limits, rsv !== 0, stream?.maxSize)
    const body =
      stream === undefined
        ? new BufferedMessage(type, host, sink, account, textAsBytes)
        : new StreamedMessage(type, host, stream, account, textAsBytes)
    const transformer =
      rsv === 0 ? undefined : new Transformer(extension!.receiving(rsv, type), body, account, this)
    return { account, body, transformer }
  }

  #finish(message: IncomingMessage): void {
    // The connection may have closed while the last piece was delivered.
    if (this.#message !== message) return
    this.#message = undefined
    message.transformer?.close()
    message.body.finish()
  }
}
