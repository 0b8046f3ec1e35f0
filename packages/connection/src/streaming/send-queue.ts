// Messages of one connection that are sent in pieces: one after the other, each as fast as the transport takes it.

import type { CloseReport, MessageType, OutgoingStream, State } from '@ws/protocol'
import { type PieceSink, type PieceSource, type SendPort, sendStream } from './send-stream.ts'

/** What carries the pieces. */
export interface FragmentWriter {
  readonly state: State
  readonly hasRoomForPieces: boolean
  /** Nothing can be sent any more, though the close report may wait for a handler. */
  readonly isGone: boolean
  openStream(type: MessageType): OutgoingStream | undefined
  requestFlush(): void
  failQuietly(error: unknown): void
}

/** Sends messages in pieces over one connection. */
export class SendQueue implements SendPort {
  readonly #carrier: FragmentWriter
  /** The end of the last message; undefined if none is under way. */
  #last: Promise<void> | undefined
  /** Set while a piece waits for room. */
  #room: PromiseWithResolvers<void> | undefined
  #report: CloseReport | undefined
  readonly #closed = Promise.withResolvers<CloseReport | undefined>()

  constructor(carrier: FragmentWriter) {
    this.#carrier = carrier
  }

  /** Sends one message when those before it have been: a source whose turn has not come is not read into memory. */
  send(source: PieceSource, type?: MessageType): Promise<void> {
    const start = () => sendStream(this, source, type)
    const sending = this.#last === undefined ? start() : this.#last.then(start)
    const over = () => {
      if (this.#last === last) this.#last = undefined
    }
    const last = sending.then(over, over)
    this.#last = last
    return sending
  }

  /** Whether a piece waits for room: `look` is then to be called when something has left. */
  get isWaiting(): boolean {
    return this.#room !== undefined
  }

  /** Lets the piece go that waits, if it has room now or never will. */
  look(): void {
    if (this.#room === undefined) return
    if (!this.#carrier.isGone && !this.#carrier.hasRoomForPieces) return
    this.#room.resolve()
    this.#room = undefined
  }

  /** Nothing can be sent any more; without a report if that waits for a handler. */
  end(report: CloseReport | undefined): void {
    this.#room?.resolve()
    this.#room = undefined
    this.#report ??= report
    this.#closed.resolve(report)
  }

  // ── for one message ───────────────────────────────────────────────────────────────────────────────────────────────────

  get state(): State {
    return this.#carrier.state
  }

  /** Resolves when nothing can be sent any more. */
  get closed(): Promise<CloseReport | undefined> {
    return this.#report === undefined ? this.#closed.promise : Promise.resolve(this.#report)
  }

  stream(type: MessageType): PieceSink | undefined {
    const stream = this.#carrier.openStream(type)
    return stream && new Sink(stream, this.#carrier, this)
  }

  fail(error: unknown): void {
    this.#carrier.failQuietly(error)
  }

  /** Whether another piece may follow at once. */
  hasRoom(): boolean {
    if (this.#carrier.isGone) return false
    if (this.#carrier.hasRoomForPieces) return true
    this.#room ??= Promise.withResolvers()
    return false
  }

  get ready(): Promise<void> {
    return this.#room?.promise ?? Promise.resolve()
  }
}

/** One message. */
class Sink implements PieceSink {
  readonly #stream: OutgoingStream
  readonly #carrier: FragmentWriter
  readonly #pieces: SendQueue

  constructor(stream: OutgoingStream, carrier: FragmentWriter, pieces: SendQueue) {
    this.#stream = stream
    this.#carrier = carrier
    this.#pieces = pieces
  }

  write(piece: string | Uint8Array): boolean {
    const open = this.#stream.write(piece)
    this.#carrier.requestFlush()
    return open && this.#pieces.hasRoom()
  }

  end(): boolean {
    const open = this.#stream.end()
    this.#carrier.requestFlush()
    return open
  }

  get ready(): Promise<void> {
    return this.#pieces.ready
  }
}
