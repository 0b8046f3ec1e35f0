// Delivers received messages to the handlers, in order and one at a time: while a handler is
// pending, the next message waits, and above 64 KiB TCP holds the peer back. Keeps the rate limits.

import type { Bytes, CloseInfo, IncomingStream, Message, MessageType, ProtocolSink } from '@ws/protocol'
import { afterTurn, type Scannable } from './after-turn.ts'
import { callSafely, isPromiseLike } from './call-safely.ts'
import { CHANNELS } from './channels.ts'
import type { ConnectionContext } from './connection-context.ts'
import { createRates, type Rates } from './rates.ts'
import type { SocketInput } from './socket.ts'
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
export interface InputConnection<S> extends ConnectionContext<S>, Scannable {
  /** A session has started; the promise resolves when it has returned. */
  sessionStarted(session: Promise<void>): void
  /** The pending handler has settled. */
  handlerSettled(): void
  /** A pong was received, solicited or not. Messages before it may be unread. */
  pongReceived(payload: Uint8Array): void
  /** The close report is final. Messages that were received before may be unread. */
  connectionClosing(report: CloseInfo): void
  /** The connection has ended, after all its messages. */
  connectionClosed(report: CloseInfo): void
  /** Begins the closing handshake. */
  close(code: number): void
  /** Writes the output at the end of this turn of the event loop. */
  requestFlush(): void
}

/** Continues the delivery after a handler whose promise has settled. */
interface Continuation {
  readonly resolved: () => void
  readonly rejected: (error: unknown) => void
  /** A session requests the next message: it continues when the session waits for that. */
  readonly requested: () => void
}

/** The input of one connection. */
export class Input<S> implements ProtocolSink, PausableInput, SocketInput {
  readonly #connection: InputConnection<S>
  readonly #rates: Rates | undefined
  /** Calls of `pause` that no `resume` has answered. */
  #pauses = 0
  /** The user has paused the socket, which is one of these calls. */
  #isPausedByUser = false
  /**
   * A handler is pending. Delivery is then paused too, except that a `stream` handler goes on
   * receiving the pieces of its message.
   */
  #isBusy = false
  /** The message that is being received in pieces. */
  #streamed: MessageInput | undefined
  #messages: AsyncQueue<Message> | undefined
  /** Made when first needed, and used for all messages (`pnpm bench async-handler`). */
  #continuation: Continuation | undefined

  constructor(connection: InputConnection<S>) {
    this.#connection = connection
    this.#rates = createRates(connection.config.settings)
  }

  /** The messages of a session, as it reads them; undefined without a session. */
  get messages(): AsyncQueue<Message> | undefined {
    return this.#messages
  }

  /** Whether a handler is pending, for which the next message waits. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Calls `open`, or starts the session. */
  open(): void {
    const connection = this.#connection
    const { config, socket } = connection
    const { handlers } = config
    if (handlers.session !== undefined) {
      this.#messages = new AsyncQueue()
      const session = runSession(() => handlers.session!(socket), this.#messages, {
        close: code => connection.close(code),
        fail: error => this.#fail(error),
      })
      connection.sessionStarted(session)
    } else if (handlers.open !== undefined) {
      try {
        this.#await(handlers.open(socket))
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  /** Takes bytes that the transport has read, valid during the call only. */
  receive(bytes: Uint8Array): void {
    const { protocol, transport } = this.#connection
    if (this.#rates === undefined || this.#rates.takeBytes(bytes.length)) protocol.receive(bytes)
    else this.#enforceRates()
    const { unreadLength } = protocol
    if (unreadLength === 0) return
    afterTurn(this.#connection)
    if (unreadLength >= MAX_UNREAD && this.#connection.closeReport === undefined) transport.pause()
  }

  /** See `Socket.pause`. */
  pauseDelivery(): void {
    if (this.#isPausedByUser || this.#connection.state !== 'open') return
    this.#isPausedByUser = true
    this.pause()
  }

  /** See `Socket.resume`. */
  resumeDelivery(): void {
    if (!this.#isPausedByUser) return
    this.#isPausedByUser = false
    // Not at once: handlers would run inside of the caller.
    queueMicrotask(() => this.resume())
  }

  // ── from the protocol ─────────────────────────────────────────────────────────────────────────

  message(data: Message, type: MessageType): void {
    const connection = this.#connection
    connection.counters.messagesReceived++
    if (this.#rates !== undefined && !this.#takeMessage(this.#rates)) return
    if (CHANNELS.receive.hasSubscribers) CHANNELS.receive.publish({ ...connection.event, data })
    if (this.#messages !== undefined) {
      this.#messages.deliver(data, this.#hold().requested)
      return
    }
    try {
      const result = connection.config.handlers.message?.(connection.socket, data, type)
      if (result !== undefined) this.#await(result)
    } catch (error) {
      this.#fail(error)
    }
  }

  stream(type: MessageType): IncomingStream | undefined {
    const { config, counters } = this.#connection
    const { handlers, settings } = config
    if (handlers.stream === undefined) return undefined
    counters.messagesReceived++
    if (this.#rates !== undefined && !this.#takeMessage(this.#rates)) return undefined
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
    const { config, socket } = this.#connection
    this.#isBusy = true
    try {
      await config.handlers.stream!(socket, message)
    } catch (error) {
      this.#fail(error)
    }
    message.cancel()
    this.#settle()
  }

  pingReceived(): boolean {
    if (this.#rates?.takePing() !== false) return true
    this.#enforceRates()
    return false
  }

  pongReceived(payload: Uint8Array): void {
    this.#connection.pongReceived(payload)
  }

  ping(payload: Bytes): void {
    const { handlers } = this.#connection.config
    if (handlers.ping !== undefined) this.#callAside(socket => handlers.ping!(socket, payload))
  }

  pong(payload: Bytes): void {
    const { handlers } = this.#connection.config
    if (handlers.pong !== undefined) this.#callAside(socket => handlers.pong!(socket, payload))
  }

  /** Calls a handler that no message waits for. */
  #callAside(handler: (socket: S) => unknown): void {
    const connection = this.#connection
    callSafely(
      () => handler(connection.socket),
      error => this.#fail(error),
    )
  }

  /** Reports an error of a handler, unless the end of the connection has interrupted that. */
  #fail(error: unknown): void {
    const { closeReport } = this.#connection
    if (closeReport === undefined || !isCausedBy(error, closeReport)) this.#connection.fail(error)
  }

  /** An extension has finished its work on a message, received or to be sent. */
  output(): void {
    this.resumeTransport()
    this.#connection.requestFlush()
  }

  closing(report: CloseInfo): void {
    // From now on, bytes are read to find the end of the transport, and dropped.
    if (report.wasClean) this.#connection.transport.resume()
    this.#connection.connectionClosing(report)
  }

  close(report: CloseInfo): void {
    this.#connection.connectionClosed(report)
  }

  /** Ends what handlers are reading. */
  end(report: CloseInfo): void {
    this.#messages?.end()
    this.#streamed?.abort(report)
    this.#streamed = undefined
  }

  // ── rate limits ───────────────────────────────────────────────────────────────────────────────

  #takeMessage(rates: Rates): boolean {
    const isGranted = rates.takeMessage()
    if (!isGranted) this.#enforceRates()
    return isGranted
  }

  /** Fails the connection if a rate limit was exceeded, once earlier input has been handled. */
  #enforceRates(): void {
    const fault = this.#rates?.fault
    const { protocol } = this.#connection
    if (fault !== undefined && !protocol.isPaused) protocol.fail(fault)
  }

  // ── pauses: by a pending handler, an unread piece or the user ─────────────────────────────────

  /** Delivers nothing more until the handler has settled. */
  #await(result: unknown): void {
    if (!isPromiseLike(result)) return
    const { resolved, rejected } = this.#hold()
    // A thenable might settle more than once; a promise made of it does not.
    Promise.resolve(result).then(resolved, rejected)
  }

  /** Delivers nothing more until the continuation that it returns is called. */
  #hold(): Continuation {
    this.pause()
    this.#isBusy = true
    this.#continuation ??= this.#createContinuation()
    return this.#continuation
  }

  #createContinuation(): Continuation {
    const resolved = (): void => {
      this.#settle()
      this.resume()
    }
    const rejected = (error: unknown): void => {
      this.#fail(error)
      resolved()
    }
    return { resolved, rejected, requested: () => queueMicrotask(resolved) }
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
    this.#enforceRates()
    this.resumeTransport()
    this.#connection.requestFlush()
  }

  /** Continues to read the transport if little enough is unread. */
  resumeTransport(): void {
    const { protocol, transport } = this.#connection
    if (transport.isPaused() && protocol.unreadLength < MAX_UNREAD) transport.resume()
  }
}

/** How far errors are followed to their causes. */
const MAX_CAUSES = 10

function isCausedBy(error: unknown, report: CloseInfo): boolean {
  let cause = error
  for (let i = 0; i < MAX_CAUSES && cause instanceof Error; i++) cause = cause.cause
  return cause === report
}
