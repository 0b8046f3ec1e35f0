// Messages that one connection sends in pieces: one after the other, each as fast as the transport
// takes it.

import type { CloseInfo, MessageType, OutgoingStream } from '@ws/protocol'
import type { SendOptions } from './send-options.ts'
import { type PieceSink, type PieceSource, type SendPort, sendStream } from './send-stream.ts'

/** Writes the fragments of a message to a connection. */
export interface FragmentWriter {
  /** Whether messages can be sent. */
  readonly canSend: boolean
  /** Whether another fragment of the current message may be written. */
  readonly hasRoomForFragment: boolean
  /** Whether nothing can be sent any more. The close report may still wait for a handler. */
  readonly isClosed: boolean
  /** Begins a message. Undefined if nothing can be sent any more. */
  openStream(type: MessageType, options: SendOptions): OutgoingStream | undefined
  requestFlush(): void
  /** Closes with 1011, without reporting the error: `sendStream` rejects with it. */
  fail(error: unknown): void
}

/** The queue of one connection. */
export class SendQueue implements SendPort {
  readonly #writer: FragmentWriter
  /** The end of the last message; undefined if there is none. */
  #last: Promise<void> | undefined
  /** Set while a fragment waits for room. */
  #room: PromiseWithResolvers<void> | undefined
  #report: CloseInfo | undefined
  readonly #closed = Promise.withResolvers<CloseInfo | undefined>()

  constructor(writer: FragmentWriter) {
    this.#writer = writer
  }

  /** Sends a message after those before it. Its source is not read before it is its turn. */
  send(source: PieceSource, options?: SendOptions): Promise<void> {
    const start = () => sendStream(this, source, options)
    const sending = this.#last === undefined ? start() : this.#last.then(start)
    const over = () => {
      if (this.#last === last) this.#last = undefined
    }
    const last = sending.then(over, over)
    this.#last = last
    return sending
  }

  /** Whether a fragment waits for room. `checkRoom` must then be called after each write. */
  get isWaiting(): boolean {
    return this.#room !== undefined
  }

  /** Lets the waiting fragment go if it has room now, or never will. */
  checkRoom(): void {
    if (this.#room === undefined) return
    if (!this.#writer.isClosed && !this.#writer.hasRoomForFragment) return
    this.#room.resolve()
    this.#room = undefined
  }

  /** Nothing can be sent any more. The report is undefined if it waits for a handler. */
  end(report: CloseInfo | undefined): void {
    this.#room?.resolve()
    this.#room = undefined
    this.#report ??= report
    this.#closed.resolve(report)
  }

  // ── for one message ───────────────────────────────────────────────────────────────────────────

  get canSend(): boolean {
    return this.#writer.canSend
  }

  get report(): CloseInfo | undefined {
    return this.#report
  }

  /** Resolves when nothing can be sent any more. */
  get closed(): Promise<CloseInfo | undefined> {
    return this.#report === undefined ? this.#closed.promise : Promise.resolve(this.#report)
  }

  stream(type: MessageType, options: SendOptions): PieceSink | undefined {
    const stream = this.#writer.openStream(type, options)
    return stream && new Sink(stream, this.#writer, this)
  }

  fail(error: unknown): void {
    this.#writer.fail(error)
  }

  /** Whether another fragment may follow at once. */
  hasRoom(): boolean {
    if (this.#writer.isClosed) return false
    if (this.#writer.hasRoomForFragment) return true
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
  readonly #writer: FragmentWriter
  readonly #queue: SendQueue

  constructor(stream: OutgoingStream, writer: FragmentWriter, queue: SendQueue) {
    this.#stream = stream
    this.#writer = writer
    this.#queue = queue
  }

  write(piece: string | Uint8Array): boolean {
    const isOpen = this.#stream.write(piece)
    this.#writer.requestFlush()
    return isOpen && this.#queue.hasRoom()
  }

  end(): boolean {
    const isOpen = this.#stream.end()
    this.#writer.requestFlush()
    return isOpen
  }

  get ready(): Promise<void> {
    return this.#queue.ready
  }
}
