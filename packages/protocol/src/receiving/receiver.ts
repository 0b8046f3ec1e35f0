// The receiving half of a connection: input queue, frame decoder, message assembler and control
// frames (RFC 6455 §5.4, §5.5, §6.2).

import { FrameDecoder, type FrameHeader, type FrameSink, isControl, Opcode } from '@ws/frame'
import type { Context } from '../context.ts'
import { Assembler, rejectReservedBits } from './assembler.ts'
import { type InputConsumer, InputQueue } from './input-queue.ts'
import type { TransformListener } from './transformer.ts'

/** The connection that a `Receiver` receives for. */
export interface ReceiverConnection extends Context {
  readonly sender: { answerPing(payload: Uint8Array): void }
  /** The connection has been reported closed. */
  readonly isClosed: boolean
  /** A Close frame with this payload has been received. May throw a `ProtocolError`. */
  receiveClose(bytes: Uint8Array, start: number, end: number): void
  /** The transport has ended, and all input before that has been decoded. */
  endTransport(cause: unknown): void
  /** The peer, the extension or the sink failed. */
  fail(error: unknown): void
}

export class Receiver implements FrameSink, InputConsumer, TransformListener {
  /** The bytes that have been received and not decoded. */
  readonly queue: InputQueue
  readonly #connection: ReceiverConnection
  readonly #decoder: FrameDecoder
  readonly #assembler: Assembler

  constructor(connection: ReceiverConnection) {
    this.#connection = connection
    this.queue = new InputQueue(this)
    this.#decoder = new FrameDecoder(connection.role, this, connection.extension?.reservedBits)
    this.#assembler = new Assembler(connection, this)
  }

  /** Checks the deadline of the current message; see `Deadline.isExpired`. */
  tick(now: number, elapsed: number): void {
    try {
      this.#assembler.tick(now, elapsed, this.queue.isStopped)
    } catch (error) {
      this.#connection.fail(error)
    }
  }

  /** Drops all input: the connection has been reported closed. */
  release(): void {
    // First the queue: a stream that is aborted may call `resume`.
    this.queue.release()
    this.#assembler.release()
  }

  // ── from the input queue ────────────────────────────────────────────────────────────────────

  get isBusy(): boolean {
    return this.#assembler.isBusy
  }

  get isClosed(): boolean {
    return this.#connection.isClosed
  }

  decode(bytes: Uint8Array): number {
    let at = bytes.length
    try {
      at = this.#decoder.decode(bytes)
    } catch (error) {
      this.#connection.fail(error)
    }
    return this.isClosed ? bytes.length : at
  }

  flush(): void {
    try {
      this.#assembler.finishTransformed()
    } catch (error) {
      this.#connection.fail(error)
    }
  }

  end(cause: unknown): void {
    this.#connection.endTransport(cause)
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
    if (isControl(header.opcode)) receiveControl(this.#connection, header.opcode, bytes, start, end)
    else this.#assembler.payload(header, bytes, start, end, isLast)
    return this.queue.isStopped || this.isClosed
  }

  // ── from the extension ──────────────────────────────────────────────────────────────────────

  transformed(): void {
    this.queue.advance()
    this.#connection.sink.output?.()
  }

  transformFailed(error: unknown): void {
    this.#connection.fail(error)
    this.transformed()
  }
}

/** Handles a control frame with the payload `bytes[start, end)` (RFC 6455 §5.5). */
function receiveControl(
  connection: ReceiverConnection,
  opcode: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  if (opcode === Opcode.close) {
    connection.receiveClose(bytes, start, end)
    return
  }
  const { sink } = connection
  const payload = bytes.subarray(start, end)
  if (opcode === Opcode.pong) {
    sink.pong?.(payload)
    return
  }
  // "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it
  // already received a Close frame."
  connection.sender.answerPing(payload)
  sink.ping?.(payload)
}
