// Assembles frames to messages (RFC 6455 §5.4, §6.2): the order of fragments, the limits, and
// whether a message is delivered whole, buffered, streamed or transformed.

import { type FrameHeader, type FrameSink, isControl, Opcode, ProtocolError } from '@ws/frame'
import { copy } from '../bytes.ts'
import type { MessageType } from '../extension.ts'
import type { IncomingStream } from '../sink.ts'
import { type ControlConnection, receiveControl } from './control-frames.ts'
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
  /** The connection has been reported closed: further input is ignored. */
  readonly isClosed: boolean
  /** The peer, the extension or the sink failed. */
  fail(error: unknown): void
}

/** The input that an `Assembler` can hold up. */
interface AssemblerInput {
  /** Nothing may be decoded until `advance` is called. */
  readonly isStopped: boolean
  /** Continues, because an extension has finished its work. */
  advance(): void
}

/** Receives the frames of one connection. */
export class Assembler implements FrameSink, TransformListener {
  readonly #connection: AssemblerConnection
  #message: IncomingMessage | undefined

  constructor(connection: AssemblerConnection) {
    this.#connection = connection
  }

  /** An extension is at work on the current piece. */
  get isBusy(): boolean {
    return this.#message?.transformer?.isRunning === true
  }

  /** See `FrameSink`. Throws a `ProtocolError`, and errors of the sink. */
  header(header: Readonly<FrameHeader>, isWhole: boolean): void {
    if (isControl(header.opcode)) rejectReservedBits(header)
    else if (header.opcode === Opcode.continuation) this.#continueMessage(header)
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
    const connection = this.#connection
    if (connection.isClosed) return true
    if (isControl(header.opcode)) receiveControl(connection, header.opcode, bytes, start, end)
    else this.#receiveData(header, bytes, start, end, isLast)
    return connection.receiver.isStopped || connection.isClosed
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

  /** Aborts the current message: the connection is closed. */
  release(): void {
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

  #continueMessage(header: Readonly<FrameHeader>): void {
    rejectReservedBits(header)
    // "… subsequent fragments … have an opcode of 0": one has to be first.
    if (this.#message === undefined)
      throw new ProtocolError('continuation frame without a message in progress', {
        code: 'ERR_WS_UNEXPECTED_CONTINUATION',
        closeCode: 1002,
        section: 'RFC 6455 §5.4',
      })
    this.#message.account.countFrame(header.payloadLength, header.fin)
  }

  #beginMessage(header: Readonly<FrameHeader>, isWhole: boolean): void {
    // "The fragments of one message MUST NOT be interleaved between the fragments of another
    // message"
    if (this.#message !== undefined)
      throw new ProtocolError('new message before the end of a fragmented message', {
        code: 'ERR_WS_EXPECTED_CONTINUATION',
        closeCode: 1002,
        section: 'RFC 6455 §5.4',
      })
    const type = header.opcode === Opcode.text ? 'text' : 'binary'
    const stream = this.#connection.sink.stream?.(type)
    if (isWhole && header.fin && header.rsv === 0 && stream === undefined) {
      checkMessageSize(this.#connection.limits, header.payloadLength)
      return
    }
    if (this.#connection.isClosed) {
      stream?.abort()
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

/** Throws a `ProtocolError` (1002): reserved bits may only be set where a message begins. */
function rejectReservedBits({ rsv }: Readonly<FrameHeader>): void {
  if (rsv !== 0)
    throw new ProtocolError('reserved bit set on a frame that does not begin a message', {
      code: 'ERR_WS_RESERVED_BIT',
      closeCode: 1002,
      section: 'RFC 6455 §5.8',
    })
}
