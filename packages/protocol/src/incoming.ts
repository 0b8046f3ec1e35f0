// Frames to messages (RFC 6455 §5.4, §5.5, §6.2), and all that may stop or transform them on the way. Knows what order the
// peer's frames must have; what ends a connection is said in closing.ts.

import {
  FrameDecoder,
  type FrameHeader,
  type FrameSink,
  isControl,
  Opcode,
  ProtocolError,
  type Role,
} from '@ws/frame'
import { ChunkQueue } from './chunk-queue.ts'
import type { Closing } from './closing.ts'
import type { Extension, MessageTransform, MessageType, TransformOutput } from './extension.ts'
import type { Host } from './host.ts'
import { checkWhole, type Limits, MessageAccount } from './limits.ts'
import { copy, decodeText, GatheredMessage, type MessageParts, StreamedMessage } from './message.ts'
import type { Outgoing } from './outgoing.ts'
import type { IncomingStream, ProtocolSink } from './sink.ts'

const EMPTY = new Uint8Array(0)
/** What an extension has made of a message is small up to so many bytes. */
const SMALL = 64 * 1024

/** A message that does not lie whole in a chunk, as it is: what it is, what is counted of it, and who has it in hand. */
interface Unfinished {
  readonly type: MessageType
  readonly account: MessageAccount
  readonly transform: MessageTransform | undefined
  /** Where it is put together, from its first piece on. */
  parts: MessageParts | undefined
  /** The transform is at work on the piece before what waits. */
  transforming: boolean
  /** It has settled, and that piece was the last: the message ends as soon as nothing holds it. */
  transformed: boolean
}

/** The peer's direction of one connection. */
export class Incoming implements FrameSink, TransformOutput {
  readonly #host: Host
  readonly #sink: ProtocolSink
  readonly #outgoing: Outgoing
  readonly #closing: Closing
  readonly #extension: Extension | undefined
  readonly #decoder: FrameDecoder
  readonly #limits: Limits

  #message: Unfinished | undefined
  /** What has come and waits to be decoded. */
  #waiting: ChunkQueue | undefined
  #paused = false
  /** The sink is being called: whatever it gives us waits until it returns. */
  #dispatching = false
  #end: { readonly cause: unknown } | undefined

  constructor(
    role: Role,
    host: Host,
    limits: Limits,
    extension: Extension | undefined,
    sink: ProtocolSink,
    outgoing: Outgoing,
    closing: Closing,
  ) {
    this.#host = host
    this.#sink = sink
    this.#outgoing = outgoing
    this.#closing = closing
    this.#extension = extension
    this.#decoder = new FrameDecoder(role, this, extension?.reservedBits)
    this.#limits = limits
    closing.releaseWith(this)
  }

  get isPaused(): boolean {
    return this.#paused
  }

  /** Bytes that came and have not been decoded. */
  get unreadLength(): number {
    return this.#waiting?.length ?? 0
  }

  /** Takes bytes of the wire, which are lent for this call: what has to wait is copied. */
  receive(bytes: Uint8Array): void {
    if (this.#isOver()) return
    if (this.#isStopped() || this.#dispatching) {
      this.#waiting ??= new ChunkQueue()
      this.#waiting.push(copy(bytes, 0, bytes.length))
      return
    }
    const at = this.#decode(bytes)
    if (at < bytes.length) this.#putBack(copy(bytes, at, bytes.length))
    this.#advance()
  }

  /** The wire has ended; that is told after all that came before. */
  receiveEnd(cause?: unknown): void {
    this.#end = { cause }
    this.#advance()
  }

  pause(): void {
    if (!this.#isOver()) this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#advance()
  }

  /** The connection has been reported closed: lets go of everything. Nothing can hold an end that came before. */
  release(): void {
    this.#waiting = undefined
    this.#paused = false
    const message = this.#message
    this.#message = undefined
    message?.parts?.abort()
    if (this.#end !== undefined) this.#closing.endTransport(this.#end.cause)
  }

  /** Tells the time; see `Deadline.isExpired`. */
  tick(now: number, elapsed: number): void {
    try {
      this.#message?.account.tick(now, elapsed, this.#isStopped())
    } catch (error) {
      this.#closing.fail(error)
    }
  }

  // ── from the decoder ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** A frame has been announced. */
  header(header: Readonly<FrameHeader>, whole: boolean): void {
    const { opcode } = header
    if (opcode === Opcode.text || opcode === Opcode.binary) {
      this.#openMessage(header, whole)
      return
    }
    if (header.rsv !== 0) {
      throw new ProtocolError(1002, 'reserved bit set on a frame that begins no message (RFC 6455 §5.8)')
    }
    if (isControl(opcode) || this.#isOver()) return
    // "… subsequent fragments … have an opcode of 0": one has to be first.
    if (this.#message === undefined)
      throw new ProtocolError(1002, 'continuation of no message (RFC 6455 §5.4)')
    countFrame(this.#message, header)
  }

  /** Payload has arrived. */
  payload(
    header: Readonly<FrameHeader>,
    bytes: Uint8Array,
    start: number,
    end: number,
    last: boolean,
  ): boolean {
    if (this.#isOver()) return true
    const { opcode, fin } = header
    const message = this.#message
    if (isControl(opcode)) this.#control(opcode, bytes, start, end)
    else if (message === undefined) this.#takeWhole(opcode, bytes, start, end)
    else if (message.transform !== undefined)
      this.#transformPiece(message, message.transform, copy(bytes, start, end), last && fin)
    else {
      const { announced, maxSize } = message.account
      this.#take(message, bytes, start, end, last && fin, announced, fin ? announced : maxSize)
    }
    return this.#isStopped() || this.#isOver()
  }

  #control(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    if (opcode === Opcode.close) {
      this.#closing.receiveClose(bytes, start, end)
      return
    }
    const payload = bytes.subarray(start, end)
    if (opcode === Opcode.pong) {
      this.#sink.pong?.(payload)
      return
    }
    // "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close frame."
    this.#outgoing.answerPing(payload)
    this.#sink.ping?.(payload)
  }

  #openMessage(header: Readonly<FrameHeader>, whole: boolean): void {
    // "The fragments of one message MUST NOT be interleaved between the fragments of another message"
    if (this.#message !== undefined)
      throw new ProtocolError(1002, 'new message inside of a fragmented one (RFC 6455 §5.4)')
    const type = header.opcode === Opcode.text ? 'text' : 'binary'
    const stream = this.#sink.stream?.(type)
    if (whole && header.fin && header.rsv === 0 && stream === undefined) {
      checkWhole(this.#limits, header.payloadLength)
      return
    }
    if (this.#isOver()) {
      stream?.abort()
      return
    }
    try {
      this.#message = this.#begin(header, type, stream)
    } catch (error) {
      stream?.abort()
      throw error
    }
    countFrame(this.#message, header)
  }

  #begin({ rsv }: Readonly<FrameHeader>, type: MessageType, stream: IncomingStream | undefined): Unfinished {
    return {
      type,
      account: new MessageAccount(this.#limits, stream !== undefined, stream?.maxSize),
      transform: rsv === 0 ? undefined : this.#extension!.receiving(rsv, type),
      parts: stream && new StreamedMessage(type, this.#host, stream),
      transforming: false,
      transformed: false,
    }
  }

  // ── to the message ────────────────────────────────────────────────────────────────────────────────────────────────────

  #takeWhole(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    this.#sink.message(
      opcode === Opcode.text ? decodeText(this.#host, bytes, start, end) : copy(bytes, start, end),
    )
  }

  /** Takes a piece of the message, `complete` with its end. For `announced` and `atMost` see `MessageParts.push`. */
  #take(
    message: Unfinished,
    bytes: Uint8Array,
    start: number,
    end: number,
    complete: boolean,
    announced: number,
    atMost: number,
  ): void {
    message.parts ??= new GatheredMessage(message.type, this.#host, this.#sink)
    message.account.progress()
    message.parts.push(bytes, start, end, announced, atMost)
    if (!complete || this.#message !== message) return
    this.#message = undefined
    message.parts.finish()
  }

  /** Takes what a transform made, the end of the message with nothing. */
  #takeTransformed(message: Unfinished, bytes: Uint8Array, complete: boolean): void {
    const { produced, maxSize } = message.account
    // Nobody knows how much comes. Of what is not small, as much as may come is expected (and no more than `MessageParts` makes room
    // for): a buffer that grew by and by would for a while be there twice, and a bomb is to hold one.
    this.#take(message, bytes, 0, bytes.length, complete, produced > SMALL ? maxSize : 0, maxSize)
  }

  #transformPiece(
    message: Unfinished,
    transform: MessageTransform,
    piece: Uint8Array,
    complete: boolean,
  ): void {
    const done = transform.write(piece, complete, this)
    if (done === undefined) {
      if (complete && !this.#isOver()) this.#takeTransformed(message, EMPTY, true)
      return
    }
    message.transforming = true
    Promise.resolve(done).then(
      () => this.#settle(message, () => (message.transformed = complete)),
      (error: unknown) => this.#settle(message, () => this.#closing.fail(error)),
    )
  }

  /** A transform has settled: goes on, unless the connection has ended meanwhile. */
  #settle(message: Unfinished, note: () => void): void {
    if (this.#isOver()) return
    message.transforming = false
    note()
    this.#advance()
    this.#sink.output?.()
  }

  /** The message ends whose last piece was transformed later than it came. */
  #endTransformed(message: Unfinished): void {
    this.#dispatching = true
    try {
      this.#takeTransformed(message, EMPTY, true)
    } catch (error) {
      this.#closing.fail(error)
    }
    this.#dispatching = false
  }

  // ── from a transform ──────────────────────────────────────────────────────────────────────────────────────────────────

  get room(): number {
    return this.#message?.account.room ?? 0
  }

  push(bytes: Uint8Array): void {
    const message = this.#message
    if (message === undefined) return
    message.account.countProduced(bytes.length)
    if (bytes.length > 0) this.#takeTransformed(message, bytes, false)
  }

  // ── the loop ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Nothing more may be decoded for now. */
  #isStopped(): boolean {
    return this.#paused || this.#message?.transforming === true
  }

  /** The connection has been reported closed: whatever else comes is ignored. */
  #isOver(): boolean {
    return this.#closing.state === 'closed'
  }

  /** Decodes one chunk. Returns where a stop has left the rest of it; nothing is left once the connection is over. */
  #decode(bytes: Uint8Array): number {
    this.#dispatching = true
    let at = bytes.length
    try {
      at = this.#decoder.decode(bytes)
    } catch (error) {
      this.#closing.fail(error)
    }
    this.#dispatching = false
    return this.#isOver() ? bytes.length : at
  }

  /** What is left of a chunk waits before all others. */
  #putBack(rest: Uint8Array): void {
    this.#waiting ??= new ChunkQueue()
    this.#waiting.putBack(rest)
  }

  /** Decodes what waits, as far as that is allowed, and then the end. */
  #advance(): void {
    if (this.#dispatching) return
    if (this.#message?.transformed && !this.#isStopped()) this.#endTransformed(this.#message)
    while (this.#waiting !== undefined && !this.#isStopped()) {
      const chunk = this.#waiting.take()
      if (chunk === undefined) this.#waiting = undefined
      else {
        const at = this.#decode(chunk)
        if (at < chunk.length) this.#putBack(chunk.subarray(at))
      }
    }
    if (this.#end !== undefined && !this.#isStopped()) this.#closing.endTransport(this.#end.cause)
  }
}

function countFrame({ account, transform }: Unfinished, { payloadLength }: Readonly<FrameHeader>): void {
  account.countFrame(payloadLength, transform !== undefined)
}
