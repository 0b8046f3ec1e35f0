// Looks ahead in input that is held, so that a busy connection still answers pings and notices the
// peer's Close. Finds faults of the peer too, but leaves them for their turn.

import {
  type ClosePayload,
  type FrameHeader,
  FrameScanner,
  type FrameSink,
  isControl,
  Opcode,
  type PartialFrame,
  readClosePayload,
} from '@ws/frame'
import type { ChunkQueue } from './chunk-queue.ts'
import { acceptPing, type ControlConnection } from './control-frames.ts'
import { checkOrder } from './frame-order.ts'

/** The connection that a `LookAhead` looks ahead for. */
export interface LookAheadConnection extends ControlConnection {
  /** The peer's Close has been found, and all input before that is still held. */
  announceClose(payload: ClosePayload): void
  /** The sink failed. */
  fail(error: unknown): void
}

/** The state of the input where looking ahead begins. */
export interface InputState {
  readonly partialFrame: PartialFrame
  readonly isFragmented: boolean
}

/** Looks ahead in one queue. Each byte is looked at once. */
export class LookAhead implements FrameSink {
  readonly #connection: LookAheadConnection
  readonly #scanner: FrameScanner
  #position: number
  #isFragmented: boolean
  #isDone = false
  /** Pings and pongs that were found and have not been decoded. */
  #found = 0
  #newestPing: Uint8Array | undefined
  #close: ClosePayload | undefined

  /** Begins at the start of the queue. */
  constructor(
    connection: LookAheadConnection,
    chunks: ChunkQueue,
    { partialFrame, isFragmented }: InputState,
  ) {
    this.#connection = connection
    this.#scanner = new FrameScanner(connection.role, this, connection.extension?.reservedBits, partialFrame)
    this.#position = chunks.start
    this.#isFragmented = isFragmented
  }

  /** The end of the bytes that have been looked at, as a position of the queue. */
  get position(): number {
    return this.#position
  }

  /** A Close or a fault of the peer was found: all bytes behind it will be ignored. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** Looks at the bytes that were queued since the last call. Never throws. */
  scan(chunks: ChunkQueue): void {
    const unseen = chunks.chunksFrom(this.#position)
    this.#position = chunks.end
    try {
      for (const chunk of unseen) if (!this.#isDone) this.#scanner.scan(chunk)
    } catch {
      // A fault of the peer, which will be found again in its turn.
      this.#isDone = true
    }
    this.#answerPing()
    const close = this.#close
    this.#close = undefined
    if (close !== undefined) this.#connection.announceClose(close)
  }

  /** Whether the ping or pong that is being decoded was found before. Call it once for each. */
  skipFound(): boolean {
    if (this.#found === 0) return false
    this.#found--
    return true
  }

  header(header: Readonly<FrameHeader>): void {
    checkOrder(header, this.#isFragmented)
    if (!isControl(header.opcode)) this.#isFragmented = !header.fin
  }

  payload({ opcode }: Readonly<FrameHeader>, bytes: Uint8Array, start: number, end: number): boolean {
    const payload = bytes.subarray(start, end)
    if (opcode === Opcode.close) {
      this.#close = readClosePayload(payload)
      this.#isDone = true
    } else {
      this.#found++
      this.#offer(opcode, payload)
    }
    return this.#isDone
  }

  #offer(opcode: number, payload: Uint8Array): void {
    const connection = this.#connection
    try {
      if (opcode === Opcode.pong) connection.sink.pongReceived?.(payload)
      else if (acceptPing(connection)) this.#newestPing = new Uint8Array(payload)
    } catch (error) {
      connection.fail(error)
    }
    this.#isDone = connection.isClosed
  }

  #answerPing(): void {
    const payload = this.#newestPing
    this.#newestPing = undefined
    if (payload !== undefined) this.#connection.sender.answerPing(payload)
  }
}
