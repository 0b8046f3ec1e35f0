// One end of one connection, after its opening handshake (RFC 6455 §5.4–§8). Bytes and time come in by its methods; messages
// and the end go out to a sink; output waits to be taken. Knows no socket, no timer and no HTTP.

import { Opcode, type Role } from '@ws/frame'
import type { Context } from './context.ts'
import type { Extension, MessageType, SendOptions } from './extension.ts'
import { type Host, portableHost } from './host.ts'
import { Lifecycle, type State, type TransportAction } from './lifecycle.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import type { Receiver } from './receiving/receiver.ts'
import { OutgoingStream } from './sending/outgoing-stream.ts'
import { OutputBuffer } from './sending/output-buffer.ts'
import { checkMessage, type PreparedMessage } from './sending/prepared-message.ts'
import type { Sender } from './sending/sender.ts'
import type { ProtocolSink } from './sink.ts'
import { typeName } from './type-name.ts'

/** What a connection is made with; everything has a default. */
export interface ProtocolOptions {
  /** As made by `checkLimits`; `DEFAULT_LIMITS` when left out. */
  readonly limits?: Limits
  /** The extension that was negotiated. There is at most one: no two that could be combined have been registered. */
  readonly extension?: Extension | undefined
  /** What the platform does faster than the language. */
  readonly host?: Host
}

/** The longest payload of a control frame (RFC 6455 §5.5). */
const MAX_CONTROL_LENGTH = 125
const EMPTY = new Uint8Array(0)

/**
 * The protocol as a machine without I/O. Whoever runs it gives it what the transport reads (`receive`, `receiveEnd`), tells it
 * the time now and then (`tick`), and after each of these and its own calls writes what `takeOutput` gives and does to the
 * transport what `transportAction` says.
 */
export class Protocol {
  readonly #output: OutputBuffer
  readonly #lifecycle: Lifecycle
  readonly #sender: Sender
  readonly #receiver: Receiver
  #now: number | undefined

  constructor(role: Role, sink: ProtocolSink, options: ProtocolOptions = {}) {
    const { limits = DEFAULT_LIMITS, extension, host = portableHost } = options
    const context: Context = { role, host, limits, extension, sink }
    this.#output = new OutputBuffer(role, host)
    this.#lifecycle = new Lifecycle(context, this.#output)
    this.#sender = this.#lifecycle.sender
    this.#receiver = this.#lifecycle.receiver
  }

  /** `closed` from the close report on, though the transport may still be open. */
  get state(): State {
    return this.#lifecycle.state
  }

  /** What the transport should do now, once the output has been written. */
  get transportAction(): TransportAction {
    return this.#lifecycle.transportAction
  }

  /** Bytes that were accepted for sending and not taken, those that wait for an extension included. */
  get bufferedLength(): number {
    return this.#sender.length
  }

  /** Of those, what `takeOutput` would give now: the others wait behind a message that is not complete. */
  get outputLength(): number {
    return this.#output.length
  }

  /** An extension is at work on a message of ours, and what is behind that waits. */
  get isTransforming(): boolean {
    return this.#sender.isTransforming
  }

  // ── what comes ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Takes bytes that the transport read. They are lent for this call: they are unmasked in place, and what is kept of them is
   * copied, so that the next read may be to the same memory. Never throws, whatever they are.
   */
  receive(bytes: Uint8Array): void {
    this.#receiver.queue.receive(bytes)
  }

  /** The transport has ended, in order or by an error. It is told after all messages that came before. */
  receiveEnd(cause?: unknown): void {
    this.#receiver.queue.receiveEnd(cause)
  }

  /**
   * Stops after the current message, or the current piece of a streamed one (with all that an extension makes of it): nothing
   * more is told, not even a Close or the end, until `resume`. Stop reading the transport too; what is received all the same
   * is kept. Does nothing once the connection has been reported closed, which also ends a hold.
   */
  pause(): void {
    this.#receiver.queue.pause()
  }

  /** Goes on after `pause`, at once. */
  resume(): void {
    this.#receiver.queue.resume()
  }

  /** Between `pause` and `resume`. */
  get isPaused(): boolean {
    return this.#receiver.queue.isPaused
  }

  /** Bytes that have been received and wait for `resume`, or for an extension that is at work. */
  get unreadLength(): number {
    return this.#receiver.queue.length
  }

  /**
   * Tells the time, in milliseconds of a clock that never goes back. Deadlines begin at the first `tick` after what they wait
   * for, and stand still while input is held: call it about as often as the shortest of them should be precise.
   */
  tick(now: number): void {
    const elapsed = now - (this.#now ?? now)
    this.#now = now
    this.#lifecycle.tick(now, elapsed)
  }

  // ── what goes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends a message: a string as text, bytes as binary, or what `prepare` made of them. Bytes must stay as they are until they
   * have been written. False, and nothing is sent, unless the connection is open and stays so. Throws a `TypeError` for
   * anything else than these three.
   */
  send(data: string | Uint8Array | PreparedMessage, options?: SendOptions): boolean {
    checkMessage(data)
    if (!this.#isOpen()) return false
    this.#sender.send(data, options)
    return this.#isOpen()
  }

  /** Begins a message that is sent in pieces. Undefined unless the connection is open. */
  stream(type: MessageType, options?: SendOptions): OutgoingStream | undefined {
    if (!this.#isOpen()) return undefined
    const write = this.#sender.stream(type, options)
    return new OutgoingStream(type, (data, last) => {
      if (!this.#isOpen()) return false
      write(data, last)
      return this.#isOpen()
    })
  }

  /**
   * Sends a ping with at most 125 bytes. False unless the connection is open. Throws a `RangeError` for a longer payload.
   */
  ping(payload: Uint8Array = EMPTY): boolean {
    return this.#sendControl(Opcode.ping, payload)
  }

  /** Sends a pong that nobody asked for: "a unidirectional heartbeat" (RFC 6455 §5.5.3). As `ping`. */
  pong(payload: Uint8Array = EMPTY): boolean {
    return this.#sendControl(Opcode.pong, payload)
  }

  /**
   * Begins the closing handshake, after what was sent before. Does nothing unless the connection is open. Throws a
   * `RangeError` for a code that may not travel or a reason above 123 bytes of UTF-8, a `TypeError` for one that is no string.
   */
  close(code?: number, reason?: string): void {
    this.#lifecycle.close(code, reason)
  }

  /** Fails the connection for an error on our side: a Close with 1011, or with the code of a `ProtocolError`. */
  fail(error: unknown): void {
    this.#lifecycle.fail(error)
  }

  /** Ends the connection at once and without a Close; `cause` stands in the report. What waited to be sent is lost. */
  terminate(cause?: unknown): void {
    this.#lifecycle.terminate(cause)
  }

  /**
   * Set it while the transport takes no more: pings that come are then not answered one by one; the newest is, when it is
   * cleared. Output keeps gathering.
   */
  get transportFull(): boolean {
    return this.#sender.transportFull
  }

  /** True while the transport takes no more. */
  set transportFull(transportFull: boolean) {
    this.#sender.transportFull = transportFull
  }

  /**
   * What is to be written next, in order. Write it at once, and nothing into it: large payloads are the senders' own arrays,
   * and the frame of a prepared message is that of other connections too.
   */
  takeOutput(): readonly Uint8Array[] {
    return this.#output.take()
  }

  /** Asked again after a call out, in which an extension may have failed. */
  #isOpen(): boolean {
    return this.#lifecycle.state === 'open'
  }

  #sendControl(opcode: number, payload: Uint8Array): boolean {
    if (!(payload instanceof Uint8Array))
      throw new TypeError(`a payload must be a Uint8Array, not ${typeName(payload)}`)
    // "All control frames MUST have a payload length of 125 bytes or less"
    if (payload.length > MAX_CONTROL_LENGTH) {
      throw new RangeError(`a control frame holds at most 125 bytes (RFC 6455 §5.5), not ${payload.length}`)
    }
    if (!this.#isOpen()) return false
    this.#sender.control(opcode, payload)
    return true
  }
}
