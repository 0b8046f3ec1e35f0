// Messages on their way into the output buffer, one after the other (RFC 6455 §5.4): a message
// waits here while one before it is being streamed, or while an extension transforms it.

import { Opcode } from '@ws/frame'
import type { Context } from '../context.ts'
import type { MessageType, SendOptions, Transformation } from '../extension.ts'
import { defaultType } from './outgoing-type.ts'
import type { OutputBuffer } from './output-buffer.ts'
import { PreparedMessage } from './prepared-message.ts'
import { transformPiece } from './transform-piece.ts'

/** A message and the pieces of it that have not been written. */
interface QueuedMessage {
  readonly type: MessageType
  readonly options: SendOptions
  /** In bytes; undefined for a message that is streamed. */
  readonly size: number | undefined
  /** Set if its frame can be shared with other connections. */
  readonly prepared: PreparedMessage | undefined
  readonly pieces: Piece[]
  isStarted: boolean
  /** The fields of its next frame. */
  opcode: number
  rsv: number
  transformation: Transformation | undefined
}

interface Piece {
  readonly data: string | Uint8Array
  readonly size: number
  readonly isLast: boolean
}

export interface MessageQueueListener {
  /** The extension failed, and the queue has been dropped. */
  queueFailed(error: unknown): void
  /**
   * The queue was closed with this payload, and all that it could still write has been written.
   */
  queueDrained(closePayload: Uint8Array): void
}

const NO_OPTIONS: SendOptions = {}

export class MessageQueue {
  readonly #context: Context
  readonly #output: OutputBuffer
  readonly #listener: MessageQueueListener
  /** The message that is being written comes first. */
  #messages: QueuedMessage[] | undefined
  #length = 0
  #isTransforming = false
  /** The payload of our Close frame, once the queue is closed. */
  #closePayload: Uint8Array | undefined
  #isAborted = false

  constructor(context: Context, output: OutputBuffer, listener: MessageQueueListener) {
    this.#context = context
    this.#output = output
    this.#listener = listener
  }

  get isEmpty(): boolean {
    return this.#messages === undefined
  }

  /** Bytes of payload that wait here. */
  get length(): number {
    return this.#length
  }

  /** An extension is at work on the first message, and all others wait for it. */
  get isTransforming(): boolean {
    return this.#isTransforming
  }

  send(message: string | Uint8Array | PreparedMessage, options?: SendOptions): void {
    if (message instanceof PreparedMessage) {
      const size = message.measure(this.#context.host)
      const { compress } = options ?? NO_OPTIONS
      const chosen = compress === undefined ? message.options : options
      this.#sendWhole(message.data, message.type, size, chosen, message)
    } else {
      const type = options?.type ?? defaultType(message)
      this.#sendWhole(message, type, this.#measure(message), options)
    }
  }

  /** Begins a message. Call the returned function with each of its pieces. */
  stream(
    type: MessageType,
    options: SendOptions = NO_OPTIONS,
  ): (data: string | Uint8Array, isLast: boolean) => void {
    const message = this.#push(type, undefined, options)
    return (data, isLast) => this.#addPiece(message, { data, size: this.#measure(data), isLast })
  }

  /** Writes the messages that were sent whole, cuts off one that is being streamed, and drains. */
  close(closePayload: Uint8Array): void {
    this.#closePayload = closePayload
    this.#advance()
  }

  /** Drops all messages, and the result of work in progress. */
  abort(): void {
    this.#isAborted = true
    this.#drop()
  }

  #sendWhole(
    data: string | Uint8Array,
    type: MessageType,
    size: number,
    options: SendOptions = NO_OPTIONS,
    prepared?: PreparedMessage,
  ): void {
    const message = this.#push(type, size, options, this.#output.masked ? undefined : prepared)
    this.#addPiece(message, { data, size, isLast: true })
  }

  #push(
    type: MessageType,
    size: number | undefined,
    options: SendOptions,
    prepared?: PreparedMessage,
  ): QueuedMessage {
    const message: QueuedMessage = {
      type,
      options,
      size,
      prepared,
      pieces: [],
      isStarted: false,
      opcode: type === 'text' ? Opcode.text : Opcode.binary,
      rsv: 0,
      transformation: undefined,
    }
    this.#messages ??= []
    this.#messages.push(message)
    return message
  }

  #addPiece(message: QueuedMessage, piece: Piece): void {
    message.pieces.push(piece)
    this.#length += piece.size
    this.#advance()
  }

  /** Calls `first`, then writes as many pieces as possible. */
  #advance(first?: () => void): void {
    try {
      first?.()
      while (!this.#isTransforming && this.#messages !== undefined) {
        const message = this.#messages[0]!
        const piece = message.pieces.shift()
        if (piece !== undefined) this.#writePiece(message, piece)
        else if (this.#closePayload !== undefined) this.#drop()
        else return
      }
    } catch (error) {
      this.#drop()
      this.#listener.queueFailed(error)
    }
    if (this.#closePayload !== undefined && !this.#isTransforming && !this.#isAborted)
      this.#listener.queueDrained(this.#closePayload)
  }

  #drop(): void {
    this.#messages = undefined
    this.#length = 0
  }

  /**
   * Asks the extension when the message is first in line: compression depends on prior messages.
   */
  #start(message: QueuedMessage): void {
    const { type, size, options, prepared } = message
    message.isStarted = true
    message.transformation = this.#context.extension?.sending(type, size, options, prepared !== undefined)
    message.rsv = message.transformation?.bits ?? 0
  }

  #writePiece(message: QueuedMessage, piece: Piece): void {
    if (!message.isStarted) this.#start(message)
    const { transformation, prepared } = message
    if (transformation === undefined) {
      if (prepared === undefined) this.#writeFrame(message, piece, piece.data)
      else this.#writeEncoded(piece, prepared.frame(this.#context.host))
    } else if (prepared !== undefined && transformation.key !== undefined) {
      const frame = prepared.transformedFrame(this.#context.host, transformation.key, transformation)
      this.#whenDone(frame, encoded => this.#writeEncoded(piece, encoded))
    } else {
      const bytes = typeof piece.data === 'string' ? this.#encode(piece.data, piece.size) : piece.data
      const isWhole = message.size !== undefined
      const result = transformPiece(transformation.transform, bytes, piece.isLast, isWhole)
      this.#whenDone(result, payload => {
        if (payload === undefined) message.rsv = 0
        this.#writeFrame(message, piece, payload ?? bytes)
      })
    }
  }

  /** Calls `write` with a result now or when it is there; the queue stands still until then. */
  #whenDone<T extends Uint8Array | undefined>(result: T | Promise<T>, write: (result: T) => void): void {
    if (!(result instanceof Promise)) {
      write(result)
      return
    }
    this.#isTransforming = true
    result.then(
      value => this.#settle(() => write(value)),
      (error: unknown) =>
        this.#settle(() => {
          throw error
        }),
    )
  }

  #settle(write: () => void): void {
    this.#isTransforming = false
    if (this.#isAborted) return
    this.#advance(write)
    this.#context.sink.output?.()
  }

  #writeFrame(message: QueuedMessage, piece: Piece, data: string | Uint8Array): void {
    const { opcode, rsv } = message
    message.opcode = Opcode.continuation
    message.rsv = 0
    if (typeof data === 'string') this.#output.addText(opcode, data, piece.isLast, rsv)
    else this.#output.addFrame(opcode, data, piece.isLast, rsv)
    this.#finishPiece(piece)
  }

  #writeEncoded(piece: Piece, frame: Uint8Array): void {
    this.#output.addEncoded(frame)
    this.#finishPiece(piece)
  }

  #finishPiece({ size, isLast }: Piece): void {
    this.#length -= size
    if (!isLast) return
    this.#output.completedMessages++
    this.#messages!.shift()
    if (this.#messages!.length === 0) this.#messages = undefined
  }

  #measure(data: string | Uint8Array): number {
    return typeof data === 'string' ? this.#context.host.measureText(data) : data.length
  }

  #encode(text: string, size: number): Uint8Array {
    const bytes = new Uint8Array(size)
    this.#context.host.encodeText(text, bytes, 0)
    return bytes
  }
}
