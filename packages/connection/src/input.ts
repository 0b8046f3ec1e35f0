// Delivers received messages to the handlers, in order and one at a time: while a handler is
// pending, the next message waits, and above 64 KiB TCP holds the peer back. Keeps the rate limits.

import type { Duplex } from 'node:stream'
import type {
  CloseInfo,
  IncomingStream,
  Message,
  MessageType,
  Protocol,
  ProtocolError,
  ProtocolSink,
} from '@ws/protocol'
import type { ConnectionCounters } from './counters.ts'
import type { ConnectionChannels } from './diagnostics.ts'
import type { ConnectionHandlers } from './handlers.ts'
import type { ConnectionSettings } from './options/connection-options.ts'
import { createRates, type Rates } from './rates.ts'
import { isPromiseLike } from './report-error.ts'
import { AsyncQueue } from './streaming/async-queue.ts'
import {
  createMessageStream,
  type MessageInput,
  type MessageStream,
  type PausableInput,
} from './streaming/message-stream.ts'
import { runSession } from './streaming/session.ts'

/** Bytes that may be received while a handler is pending, before reading pauses. */
const MAX_UNREAD = 64 * 1024

/** The connection whose input this is. */
export interface InputConnection<S> {
  readonly protocol: Protocol
  readonly transport: Duplex
  readonly settings: ConnectionSettings
  readonly handlers: ConnectionHandlers<S>
  readonly socket: S
  readonly closeReport: CloseInfo | undefined
  readonly counters: ConnectionCounters
  readonly channels: ConnectionChannels
  /** A session runs from now on until the promise resolves. */
  sessionStarted(session: Promise<void>): void
  /** The pending handler has settled. */
  handlerSettled(): void
  pongReceived(payload: Uint8Array): void
  /** The connection has ended, after all its messages. */
  reported(report: CloseInfo): void
  close(code: number): void
  /** Reports an error of a handler, and closes with 1011. */
  fail(error: unknown): void
  requestFlush(): void
}

/** The input of one connection. */
export class Input<S> implements ProtocolSink, PausableInput {
  readonly #connection: InputConnection<S>
  readonly #rates: Rates | undefined
  /** Set once a rate limit is exceeded; further input is ignored. */
  #limitExceeded: ProtocolError | undefined
  /** Number of reasons for which delivery is paused. */
  #pauses = 0
  #isBusy = false
  /** The message that is being received in pieces. */
  #streamed: MessageInput | undefined
  #messages: AsyncQueue<Message> | undefined

  constructor(connection: InputConnection<S>) {
    this.#connection = connection
    this.#rates = createRates(connection.settings)
  }

  /** What a session reads; undefined without a session. */
  get messages(): AsyncQueue<Message> | undefined {
    return this.#messages
  }

  /** Whether a handler is pending that the next message waits for. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Calls `open`, or starts the session. */
  open(): void {
    const { handlers, socket } = this.#connection
    if (handlers.session !== undefined) this.#startSession(handlers)
    else if (handlers.open !== undefined) {
      try {
        this.#await(handlers.open(socket))
      } catch (error) {
        this.#connection.fail(error)
      }
    }
  }

  #startSession(handlers: ConnectionHandlers<S>): void {
    const { socket } = this.#connection
    this.#messages = new AsyncQueue()
    this.#connection.sessionStarted(
      runSession(() => handlers.session!(socket), this.#messages, this.#connection),
    )
  }

  /** Takes bytes that the transport has read, valid during the call only. */
  receive(bytes: Uint8Array): void {
    const { protocol, transport } = this.#connection
    if (this.#limitExceeded === undefined && this.#isWithin(this.#rates?.takeBytes(bytes.length)))
      protocol.receive(bytes)
    if (protocol.unreadLength >= MAX_UNREAD) transport.pause()
  }

  // ── from the protocol ─────────────────────────────────────────────────────────────────────────

  message(data: Message): void {
    const connection = this.#connection
    connection.counters.messagesReceived++
    if (!this.#isWithin(this.#rates?.takeMessage())) return
    const { receive } = connection.channels
    if (receive.hasSubscribers) receive.publish({ socket: connection.socket, data })
    if (this.#messages !== undefined) {
      this.#await(this.#messages.deliver(data))
      return
    }
    try {
      const result = connection.handlers.message?.(connection.socket, data)
      if (result !== undefined) this.#await(result)
    } catch (error) {
      connection.fail(error)
    }
  }

  stream(type: MessageType): IncomingStream | undefined {
    const { handlers, settings, counters } = this.#connection
    if (handlers.stream === undefined) return undefined
    counters.messagesReceived++
    if (!this.#isWithin(this.#rates?.takeMessage())) return undefined
    const { incoming, message } = createMessageStream(type, this, settings.maxStreamSize)
    this.#streamed = incoming
    const handled = this.#handleStream(message)
    return {
      maxSize: settings.maxStreamSize,
      write: incoming.write,
      end: () => {
        this.#streamed = undefined
        incoming.end()
        // The next message waits until this one has been handled.
        this.pause()
        void handled.then(() => this.resume())
      },
      // The handler gets its error with the close report, which follows.
      abort() {},
    }
  }

  async #handleStream(message: MessageStream): Promise<void> {
    const { handlers, socket } = this.#connection
    this.#isBusy = true
    try {
      await handlers.stream!(socket, message)
    } catch (error) {
      if (!this.#isInterruption(error)) this.#connection.fail(error)
    }
    message.cancel()
    this.#settle()
  }

  /** Whether the error is the one that a message stream throws because the connection has ended. */
  #isInterruption(error: unknown): boolean {
    const { closeReport } = this.#connection
    return closeReport !== undefined && error instanceof Error && error.cause === closeReport
  }

  ping(): void {
    this.#isWithin(this.#rates?.takePing())
  }

  pong(payload: Uint8Array): void {
    this.#connection.pongReceived(payload)
  }

  /** An extension has finished its work on a message, received or to be sent. */
  output(): void {
    this.#resumeReading()
    this.#connection.requestFlush()
  }

  close(report: CloseInfo): void {
    this.#connection.reported(report)
  }

  /** Ends what handlers are reading. */
  end(report: CloseInfo): void {
    this.#messages?.end()
    this.#streamed?.abort(report)
    this.#streamed = undefined
  }

  // ── rate limits ───────────────────────────────────────────────────────────────────────────────

  /**
   * Whether there is no fault. If there is one, the connection fails once earlier input is handled.
   */
  #isWithin(fault: ProtocolError | undefined): boolean {
    if (fault === undefined) return true
    this.#limitExceeded ??= fault
    this.#failIfLimitExceeded()
    return false
  }

  #failIfLimitExceeded(): void {
    const { protocol } = this.#connection
    if (this.#limitExceeded !== undefined && !protocol.isPaused) protocol.fail(this.#limitExceeded)
  }

  // ── pending handlers ──────────────────────────────────────────────────────────────────────────

  /** Delivers nothing more until the handler has settled. */
  #await(result: unknown): void {
    if (!isPromiseLike(result)) return
    this.pause()
    this.#isBusy = true
    // A thenable might settle more than once; a promise made of it does not.
    Promise.resolve(result).then(
      () => this.#continue(),
      (error: unknown) => {
        this.#connection.fail(error)
        this.#continue()
      },
    )
  }

  #continue(): void {
    this.#settle()
    this.resume()
  }

  #settle(): void {
    this.#isBusy = false
    this.#connection.handlerSettled()
  }

  /** Pauses delivery until `resume` has been called as often as this. */
  pause(): void {
    this.#pauses++
    this.#connection.protocol.pause()
  }

  resume(): void {
    if (--this.#pauses > 0) return
    this.#connection.protocol.resume()
    this.#failIfLimitExceeded()
    this.#resumeReading()
    this.#connection.requestFlush()
  }

  #resumeReading(): void {
    const { protocol, transport } = this.#connection
    if (transport.isPaused() && protocol.unreadLength < MAX_UNREAD) transport.resume()
  }
}
