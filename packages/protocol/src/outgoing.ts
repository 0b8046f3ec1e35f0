// Our messages, control frames and Close, in the order in which they may leave (RFC 6455 §5.4, §6.1). A message that cannot
// leave at once, since one before it is still being transformed or streamed, waits here with all that come after it.

import { Opcode } from '@ws/frame'
import type { Extension, MessageType, SendOptions, Transformation } from './extension.ts'
import type { Host } from './host.ts'
import type { Outbox } from './outbox.ts'
import { PreparedMessage } from './prepared.ts'
import type { ProtocolSink } from './sink.ts'
import { transformPiece } from './transformed.ts'

/** A message on its way: what there is of it, and whether that is all. */
interface OutgoingMessage {
  readonly type: MessageType
  readonly options: SendOptions
  /** Bytes where it is whole. */
  readonly size: number | undefined
  /** Where it goes to others too, in the same frame. */
  readonly prepared: PreparedMessage | undefined
  readonly pieces: OutgoingPiece[]
  started: boolean
  /** What the first frame carries; 0 after it. */
  opcode: number
  rsv: number
  transformation: Transformation | undefined
}

interface OutgoingPiece {
  readonly data: string | Uint8Array
  readonly size: number
  readonly last: boolean
}

/** What ends the connection for an error. */
export interface Failing {
  fail(error: unknown): void
}

const NO_OPTIONS: SendOptions = {}

/** One direction of a connection: ours. */
export class Outgoing {
  readonly #host: Host
  readonly #outbox: Outbox
  readonly #extension: Extension | undefined
  readonly #sink: ProtocolSink
  #failing: Failing | undefined
  /** Messages that are not wholly in the outbox, the one being written first. */
  #messages: OutgoingMessage[] | undefined
  /** A transform is at work on the first of them. */
  #transforming = false
  /** Bytes in `#messages`. */
  #waiting = 0
  /** The newest ping that output held back left unanswered. */
  #pong: Uint8Array | undefined
  #transportFull = false
  /** The payload of our Close frame, while it waits behind messages. */
  #close: Uint8Array | undefined
  #finished = false
  /** The connection has been reported closed. */
  #reported = false

  constructor(host: Host, outbox: Outbox, extension: Extension | undefined, sink: ProtocolSink) {
    this.#host = host
    this.#outbox = outbox
    this.#extension = extension
    this.#sink = sink
  }

  /** It is told when the extension has failed: nothing more can be sent in order. */
  failTo(failing: Failing): void {
    this.#failing = failing
  }

  /** Our Close frame is in the outbox: nothing will follow it. */
  get finished(): boolean {
    return this.#finished
  }

  /** A transform is at work: nothing but control frames leaves until it has settled. */
  get isTransforming(): boolean {
    return this.#transforming
  }

  /** Bytes that have been accepted and not been taken. */
  get length(): number {
    return this.#outbox.length + this.#waiting
  }

  /** While true, of all pings that come only the newest will be answered, once it is false again. */
  get transportFull(): boolean {
    return this.#transportFull
  }

  set transportFull(transportFull: boolean) {
    this.#transportFull = transportFull
    if (transportFull || this.#pong === undefined) return
    const pong = this.#pong
    this.#pong = undefined
    this.control(Opcode.pong, pong)
  }

  /** Sends a whole message. */
  send(message: string | Uint8Array | PreparedMessage, options?: SendOptions): void {
    if (this.#messages === undefined && this.#extension === undefined) {
      this.#outbox.addMessage(message)
      return
    }
    if (!(message instanceof PreparedMessage)) this.#sendWhole(message, this.#measure(message), options)
    else {
      const size = message.measure(this.#host)
      this.#sendWhole(message.data, size, options ?? message.options, message)
    }
  }

  #sendWhole(
    data: string | Uint8Array,
    size: number,
    options: SendOptions = NO_OPTIONS,
    prepared?: PreparedMessage,
  ): void {
    const type = typeof data === 'string' ? 'text' : 'binary'
    const piece = { data, size, last: true }
    this.#enqueue(type, size, options, this.#outbox.masked ? undefined : prepared).pieces.push(piece)
    this.#waiting += size
    this.#advance()
  }

  /** Begins a message that is sent in pieces; the function takes one each, the last with `last`. */
  stream(
    type: MessageType,
    options: SendOptions = NO_OPTIONS,
  ): (data: string | Uint8Array, last: boolean) => void {
    const message = this.#enqueue(type, undefined, options)
    return (data, last) => {
      const size = this.#measure(data)
      message.pieces.push({ data, size, last })
      this.#waiting += size
      this.#advance()
    }
  }

  /** Sends a ping or a pong, ahead of messages that wait: they "MAY be injected in the middle of a fragmented message". */
  control(opcode: number, payload: Uint8Array): void {
    if (!this.#finished) this.#outbox.addFrame(opcode, payload)
  }

  /** Answers a ping. The payload is copied. */
  answerPing(payload: Uint8Array): void {
    // "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the
    // endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame."
    if (this.#transportFull) this.#pong = new Uint8Array(payload)
    else this.control(Opcode.pong, payload)
  }

  /**
   * Sends a Close frame behind the messages that were accepted whole; one that is still being streamed is cut off, and what
   * waits behind it is lost.
   */
  close(payload: Uint8Array): void {
    this.#close = payload
    this.#advance()
  }

  /** Sends a Close frame at once and drops what waits; without a payload drops it only. */
  abort(payload?: Uint8Array): void {
    this.#drop()
    this.#pong = undefined
    if (!this.#finished) this.#finish(payload)
  }

  /** The connection has been reported closed. What was accepted before still leaves: the extension is closed behind it. */
  release(): void {
    this.#reported = true
    if (this.#finished) this.#extension?.close()
  }

  #finish(closePayload?: Uint8Array): void {
    if (closePayload !== undefined) this.#outbox.addFrame(Opcode.close, closePayload)
    this.#finished = true
    if (this.#reported) this.#extension?.close()
  }

  #measure(data: string | Uint8Array): number {
    return typeof data === 'string' ? this.#host.measureText(data) : data.length
  }

  #enqueue(
    type: MessageType,
    size: number | undefined,
    options: SendOptions,
    prepared?: PreparedMessage,
  ): OutgoingMessage {
    const message: OutgoingMessage = {
      type,
      options,
      size,
      prepared,
      pieces: [],
      started: false,
      opcode: type === 'text' ? Opcode.text : Opcode.binary,
      rsv: 0,
      transformation: undefined,
    }
    this.#messages ??= []
    this.#messages.push(message)
    return message
  }

  /** Writes as much as can be written now, after what `first` does. */
  #advance(first?: () => void): void {
    try {
      first?.()
      while (!this.#transforming && this.#messages !== undefined) {
        const message = this.#messages[0]!
        const piece = message.pieces.shift()
        if (piece !== undefined) this.#writePiece(message, piece)
        else if (this.#close !== undefined) this.#drop()
        else return
      }
    } catch (error) {
      this.#drop()
      this.#failing!.fail(error)
    }
    if (!this.#transforming && this.#close !== undefined && !this.#finished) this.#finish(this.#close)
  }

  #drop(): void {
    this.#messages = undefined
    this.#waiting = 0
  }

  /** Asks the extension, when the message's turn has come: compression depends on what was compressed before. */
  #start(message: OutgoingMessage): void {
    const { type, size, options, prepared } = message
    message.started = true
    message.transformation = this.#extension?.sending(type, size, options, prepared !== undefined)
    message.rsv = message.transformation?.bits ?? 0
  }

  #writePiece(message: OutgoingMessage, piece: OutgoingPiece): void {
    if (!message.started) this.#start(message)
    const { transformation, prepared } = message
    if (transformation === undefined) {
      if (prepared === undefined) this.#writeFrame(message, piece, piece.data)
      else this.#writeEncoded(piece, prepared.frame(this.#host))
    } else if (prepared !== undefined && transformation.key !== undefined) {
      const frame = prepared.transformedFrame(this.#host, transformation.key, transformation)
      this.#when(frame, encoded => this.#writeEncoded(piece, encoded))
    } else {
      const bytes = typeof piece.data === 'string' ? this.#encode(piece.data, piece.size) : piece.data
      const made = transformPiece(transformation.transform, bytes, piece.last, message.size !== undefined)
      this.#when(made, payload => {
        if (payload === undefined) message.rsv = 0
        this.#writeFrame(message, piece, payload ?? bytes)
      })
    }
  }

  /** Goes on with what a transform made, at once or when it has; nothing else of ours moves until then. */
  #when<T extends Uint8Array | undefined>(made: T | Promise<T>, goOn: (made: T) => void): void {
    if (!(made instanceof Promise)) {
      goOn(made)
      return
    }
    this.#transforming = true
    made.then(
      result => this.#settle(() => goOn(result)),
      (error: unknown) =>
        this.#settle(() => {
          throw error
        }),
    )
  }

  /** A transform has settled: goes on, unless the connection has ended meanwhile. */
  #settle(goOn: () => void): void {
    this.#transforming = false
    if (this.#finished) return
    this.#advance(goOn)
    this.#sink.output?.()
  }

  #writeFrame(message: OutgoingMessage, piece: OutgoingPiece, data: string | Uint8Array): void {
    const { opcode, rsv } = message
    message.opcode = Opcode.continuation
    message.rsv = 0
    if (typeof data === 'string') this.#outbox.addText(opcode, data, piece.last, rsv)
    else this.#outbox.addFrame(opcode, data, piece.last, rsv)
    this.#finishPiece(piece)
  }

  #writeEncoded(piece: OutgoingPiece, frame: Uint8Array): void {
    this.#outbox.addEncoded(frame)
    this.#finishPiece(piece)
  }

  #finishPiece({ size, last }: OutgoingPiece): void {
    this.#waiting -= size
    if (!last) return
    this.#messages!.shift()
    if (this.#messages!.length === 0) this.#messages = undefined
  }

  #encode(text: string, size: number): Uint8Array {
    const bytes = new Uint8Array(size)
    this.#host.encodeText(text, bytes, 0)
    return bytes
  }
}
