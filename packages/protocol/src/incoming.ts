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
import { decodeText, GatheredMessage, type MessageParts, own, StreamedMessage } from './message.ts'
import type { Outgoing } from './outgoing.ts'
import type { ProtocolSink } from './sink.ts'

const EMPTY = new Uint8Array(0)

/** The peer's direction of one connection. */
export class Incoming implements FrameSink, TransformOutput {
  readonly #host: Host
  readonly #sink: ProtocolSink
  readonly #outgoing: Outgoing
  readonly #closing: Closing
  readonly #extension: Extension | undefined
  readonly #decoder: FrameDecoder
  readonly #limits: Limits

  /** What the current message is; undefined between messages. */
  #type: MessageType | undefined
  #transform: MessageTransform | undefined
  /** What is counted of it; undefined if it lies whole in a chunk, as it is. */
  #account: MessageAccount | undefined
  /** Where it is put together, from its first piece on. */
  #parts: MessageParts | undefined

  /** What has come and waits to be decoded. */
  #waiting: ChunkQueue | undefined
  #held = false
  /** A transform is at work on the piece before what waits. */
  #transforming = false
  /** It has settled, and that piece was the last of the message: it ends as soon as nothing holds it. */
  #transformed = false
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

  get held(): boolean {
    return this.#held
  }

  /** Bytes that came and have not been decoded. */
  get heldLength(): number {
    return this.#waiting?.length ?? 0
  }

  /** Takes bytes of the wire. They are ours from now on. */
  receive(bytes: Uint8Array): void {
    if (this.#isOver()) return
    if (this.#isStopped() || this.#dispatching || this.#waiting !== undefined) {
      this.#waiting ??= new ChunkQueue()
      this.#waiting.push(bytes)
      return
    }
    this.#decode(bytes)
    this.#advance()
  }

  /** The wire has ended; that is told after all that came before. */
  receiveEnd(cause?: unknown): void {
    this.#end = { cause }
    this.#advance()
  }

  hold(): void {
    if (!this.#isOver()) this.#held = true
  }

  resume(): void {
    this.#held = false
    this.#advance()
  }

  /** The connection has been reported closed: lets go of everything. Nothing can hold an end that came before. */
  release(): void {
    this.#waiting = undefined
    this.#held = false
    this.#transforming = false
    this.#transformed = false
    const parts = this.#parts
    this.#closeMessage()
    parts?.abort()
    if (this.#end !== undefined) this.#closing.endTransport(this.#end.cause)
  }

  /** Tells the time; see `Deadline.isOver`. */
  tick(now: number, elapsed: number): void {
    try {
      this.#account?.tick(now, elapsed, this.#isStopped())
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
    if (this.#account === undefined)
      throw new ProtocolError(1002, 'continuation of no message (RFC 6455 §5.4)')
    this.#account.countFrame(header.payloadLength, this.#transform !== undefined)
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
    const complete = last && header.fin
    if (isControl(header.opcode)) this.#control(header.opcode, bytes, start, end)
    else if (this.#account === undefined) this.#takeWhole(bytes, start, end)
    else if (this.#transform !== undefined)
      this.#transformPiece(this.#transform, bytes.subarray(start, end), complete)
    else {
      const { announced, maxSize } = this.#account
      this.#take(bytes, start, end, complete, announced, header.fin ? announced : maxSize)
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
    if (this.#type !== undefined)
      throw new ProtocolError(1002, 'new message inside of a fragmented one (RFC 6455 §5.4)')
    const type = header.opcode === Opcode.text ? 'text' : 'binary'
    this.#type = type
    const stream = this.#sink.stream?.(type)
    if (whole && header.fin && header.rsv === 0 && stream === undefined) {
      checkWhole(this.#limits, header.payloadLength)
      return
    }
    if (this.#isOver()) {
      stream?.abort()
      return
    }
    if (stream !== undefined) this.#parts = new StreamedMessage(type, this.#host, stream)
    if (header.rsv !== 0) this.#transform = this.#extension!.receiving(header.rsv, type)
    this.#account = new MessageAccount(this.#limits, stream !== undefined, stream?.maxSize)
    this.#account.countFrame(header.payloadLength, this.#transform !== undefined)
  }

  // ── to the message ────────────────────────────────────────────────────────────────────────────────────────────────────

  #takeWhole(bytes: Uint8Array, start: number, end: number): void {
    const type = this.#type
    this.#type = undefined
    this.#sink.message(type === 'text' ? decodeText(this.#host, bytes, start, end) : own(bytes, start, end))
  }

  /** Takes a piece of the message, `complete` with its end. For `announced` and `atMost` see `MessageParts.push`. */
  #take(
    bytes: Uint8Array,
    start: number,
    end: number,
    complete: boolean,
    announced: number,
    atMost: number,
  ): void {
    this.#parts ??= new GatheredMessage(this.#type!, this.#host, this.#sink)
    const parts = this.#parts
    this.#account!.progress()
    parts.push(bytes, start, end, announced, atMost)
    if (!complete || this.#parts !== parts) return
    this.#closeMessage()
    parts.finish()
  }

  #closeMessage(): void {
    this.#type = undefined
    this.#parts = undefined
    this.#transform = undefined
    this.#account = undefined
  }

  #transformPiece(transform: MessageTransform, piece: Uint8Array, complete: boolean): void {
    const done = transform.write(piece, complete, this)
    if (done === undefined) {
      if (complete && !this.#isOver()) this.#take(EMPTY, 0, 0, true, 0, this.#account!.maxSize)
      return
    }
    this.#transforming = true
    Promise.resolve(done).then(
      () => this.#settle(() => (this.#transformed = complete)),
      (error: unknown) => this.#settle(() => this.#closing.fail(error)),
    )
  }

  /** A transform has settled: goes on, unless the connection has ended meanwhile. */
  #settle(note: () => void): void {
    if (this.#isOver()) return
    this.#transforming = false
    note()
    this.#advance()
    this.#sink.output?.()
  }

  /** The message ends whose last piece was transformed later than it came. */
  #endTransformed(): void {
    this.#transformed = false
    this.#dispatching = true
    try {
      this.#take(EMPTY, 0, 0, true, 0, this.#account!.maxSize)
    } catch (error) {
      this.#closing.fail(error)
    }
    this.#dispatching = false
  }

  // ── from a transform ──────────────────────────────────────────────────────────────────────────────────────────────────

  get room(): number {
    return this.#isOver() ? 0 : this.#account!.room
  }

  push(bytes: Uint8Array): void {
    if (this.#isOver()) return
    this.#account!.countProduced(bytes.length)
    if (bytes.length > 0) this.#take(bytes, 0, bytes.length, false, 0, this.#account!.maxSize)
  }

  // ── the loop ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Nothing more may be decoded for now. */
  #isStopped(): boolean {
    return this.#held || this.#transforming
  }

  /** The connection has been reported closed: whatever else comes is ignored. */
  #isOver(): boolean {
    return this.#closing.state === 'closed'
  }

  /** Decodes one chunk; what a stop leaves of it waits before all other chunks. */
  #decode(bytes: Uint8Array): void {
    this.#dispatching = true
    let at = bytes.length
    try {
      at = this.#decoder.decode(bytes)
    } catch (error) {
      this.#closing.fail(error)
    }
    this.#dispatching = false
    if (at === bytes.length || this.#isOver()) return
    this.#waiting ??= new ChunkQueue()
    this.#waiting.putBack(bytes.subarray(at))
  }

  /** Decodes what waits, as far as that is allowed, and then the end. */
  #advance(): void {
    if (this.#dispatching) return
    if (this.#transformed && !this.#isStopped()) this.#endTransformed()
    while (this.#waiting !== undefined && !this.#isStopped()) {
      const chunk = this.#waiting.take()
      if (chunk === undefined) this.#waiting = undefined
      else this.#decode(chunk)
    }
    if (this.#end !== undefined && !this.#isStopped()) this.#closing.endTransport(this.#end.cause)
  }
}
