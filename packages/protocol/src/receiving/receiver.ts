// The receiving half of a connection: input queue, frame decoder, message assembler and control
// frames (RFC 6455 §5.4, §5.5, §6.2).

import { FrameDecoder, type FrameHeader, type FrameSink, isControl, Opcode } from '@ws/frame'
import { copy } from '../bytes.ts'
import type { Context } from '../context.ts'
import type { Sender } from '../sending/sender.ts'
import { Assembler, rejectReservedBits } from './assembler.ts'
import { type InputConsumer, InputQueue } from './input-queue.ts'
import type { TransformListener } from './transformer.ts'

export interface ReceiverListener {
  /** The connection has been reported closed. */
  readonly isClosed: boolean
  /** A Close frame with this payload has been received. May throw a `ProtocolError`. */
  receiveClose(bytes: Uint8Array, start: number, end: number): void
  /** The transport has ended, and all input before that has been decoded. */
  endTransport(cause: Error | undefined): void
  /** The peer, the extension or the sink failed. */
  fail(error: unknown): void
}

export class Receiver implements FrameSink, InputConsumer, TransformListener {
  readonly #context: Context
  readonly #sender: Sender
  readonly #listener: ReceiverListener
  readonly #queue: InputQueue
  readonly #decoder: FrameDecoder
  readonly #assembler: Assembler

  constructor(context: Context, sender: Sender, listener: ReceiverListener) {
    this.#context = context
    this.#sender = sender
    this.#listener = listener
    this.#queue = new InputQueue(this)
    this.#decoder = new FrameDecoder(context.role, this, context.extension?.reservedBits)
    this.#assembler = new Assembler(context, this)
  }

  get queue(): InputQueue {
    return this.#queue
  }

  /** Checks the deadline of the current message; see `Deadline.isExpired`. */
  tick(now: number, elapsed: number): void {
    try {
      this.#assembler.tick(now, elapsed, this.#queue.isStopped)
    } catch (error) {
      this.#listener.fail(error)
    }
  }

  /** Drops all input: the connection has been reported closed. */
  release(): void {
    // First the queue: a stream that is aborted may call `resume`.
    this.#queue.release()
    this.#assembler.release()
  }

  // ── from the input queue ────────────────────────────────────────────────────────────────────

  get isBusy(): boolean {
    return this.#assembler.isBusy
  }

  get isClosed(): boolean {
    return this.#listener.isClosed
  }

  decode(bytes: Uint8Array): number {
    let at = bytes.length
    try {
      at = this.#decoder.decode(bytes)
    } catch (error) {
      this.#listener.fail(error)
    }
    return this.isClosed ? bytes.length : at
  }

  flush(): void {
    try {
      this.#assembler.finishTransformed()
    } catch (error) {
      this.#listener.fail(error)
    }
  }

  end(cause: Error | undefined): void {
    this.#listener.endTransport(cause)
  }

  // ── from the decoder ────────────────────────────────────────────────────────────────────────

  header(header: Readonly<FrameHeader>, isWhole: boolean): void {
    if (isControl(header.opcode)) rejectReservedBits(header)
    else this.#assembler.header(header, isWhole)
  }

  payload(
    header: Readonly<FrameHeader>,
    bytes: Uint8Array,
    start: number,
    end: number,
    isLast: boolean,
  ): boolean {
    if (this.isClosed) return true
    if (isControl(header.opcode)) this.#receiveControl(header.opcode, bytes, start, end)
    else this.#assembler.payload(header, bytes, start, end, isLast)
    return this.#queue.isStopped || this.isClosed
  }

  #receiveControl(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    if (opcode === Opcode.close) {
      this.#listener.receiveClose(bytes, start, end)
      return
    }
    const { sink, autoPong } = this.#context
    if (opcode === Opcode.pong) {
      sink.pong?.(copy(bytes, start, end))
      return
    }
    // "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it
    // already received a Close frame."
    if (autoPong) this.#sender.answerPing(bytes.subarray(start, end))
    sink.ping?.(copy(bytes, start, end))
  }

  // ── from the extension ──────────────────────────────────────────────────────────────────────

  transformed(): void {
    this.#queue.advance()
    this.#context.sink.output?.()
  }

  transformFailed(error: unknown): void {
    this.#listener.fail(error)
    this.transformed()
  }
}
