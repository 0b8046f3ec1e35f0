// A WebSocket connection after its opening handshake (RFC 6455 §5.4–§8), without a socket or a
// timer.

import { Opcode, type Role } from '@ws/frame'
import { type BinaryLike, toBytes } from './bytes.ts'
import { checkNames } from './check-names.ts'
import type { Extension, MessageType, SendOptions } from './extension.ts'
import { type Host, portableHost } from './host.ts'
import { Lifecycle, type State, type TransportAction } from './lifecycle.ts'
import { completeLimits, type Limits } from './limits.ts'
import { OutgoingStream } from './sending/outgoing-stream.ts'
import { checkMessageType, type Sendable, toMessage } from './sending/prepared-message.ts'
import type { ProtocolSink } from './sink.ts'
import { typeName } from './type-name.ts'

/** Options of a connection. All have defaults. */
export interface ProtocolOptions {
  /** Those that are left out are as in `DEFAULT_LIMITS`. */
  readonly limits?: Partial<Limits>
  /** The negotiated extension. At most one: no registered extensions can be combined. */
  readonly extension?: Extension | undefined
  /**
   * Answer each ping with a pong, as RFC 6455 §5.5.2 requires. With false, call `pong` with the
   * payload of each ping, or of the newest. Default: true.
   */
  readonly autoPong?: boolean
  /**
   * Deliver texts as bytes of valid UTF-8 instead of strings; the sink distinguishes them by their
   * type. Default: false.
   */
  readonly textAsBytes?: boolean
  /** Functions of the platform. Default: `portableHost`. */
  readonly host?: Host
}

const NAMES = ['limits', 'extension', 'autoPong', 'textAsBytes', 'host']

/** The longest payload of a control frame in bytes (RFC 6455 §5.5). */
const MAX_CONTROL_LENGTH = 125
const EMPTY = new Uint8Array(0)

/**
 * One end of a connection, without I/O. Pass it the bytes that the transport reads (`receive`,
 * `receiveEnd`) and, regularly, the time (`tick`). After each call, write the bytes that
 * `takeOutput` returns, then apply `transportAction` to the transport.
 */
export class Protocol {
  readonly #lifecycle: Lifecycle
  #now: number | undefined

  /** Throws a `TypeError` or a `RangeError` for wrong options. */
  constructor(role: Role, sink: ProtocolSink, options: ProtocolOptions = {}) {
    if (role !== 'server' && role !== 'client')
      throw new TypeError(`role must be 'server' or 'client', not ${typeName(role)}`)
    checkNames(options, NAMES)
    const { limits, extension, autoPong = true, textAsBytes = false, host = portableHost } = options
    this.#lifecycle = new Lifecycle({
      role,
      host,
      limits: completeLimits(limits),
      extension,
      autoPong,
      textAsBytes,
      sink,
    })
  }

  /** See `State`. While it is `closing` because of the peer's Close, messages can still be sent. */
  get state(): State {
    return this.#lifecycle.state
  }

  /** Whether messages can be sent: our Close has not been sent, and the transport has not ended. */
  get canSend(): boolean {
    return this.#lifecycle.canSend
  }

  /** The action to apply to the transport once the output has been written. */
  get transportAction(): TransportAction {
    return this.#lifecycle.transportAction
  }

  /** Bytes accepted for sending and not yet taken, including those that wait for an extension. */
  get bufferedLength(): number {
    return this.#lifecycle.sender.length
  }

  /** Bytes that `takeOutput` would return now. */
  get outputLength(): number {
    return this.#lifecycle.sender.output.length
  }

  /**
   * Number of messages, whole or streamed, whose last frame is in the output or has been taken.
   * They complete in the order in which they were accepted.
   */
  get completedMessages(): number {
    return this.#lifecycle.sender.output.completedMessages
  }

  /** An extension is at work on a message being sent, and later messages wait for it. */
  get isTransforming(): boolean {
    return this.#lifecycle.sender.isTransforming
  }

  // ── receiving ───────────────────────────────────────────────────────────────────────────────

  /**
   * Processes bytes that the transport read. They are lent for this call: they are unmasked in
   * place, and copied if they are kept, so the next read may use the same memory. Never throws.
   */
  receive(bytes: Uint8Array): void {
    this.#lifecycle.receiver.receive(bytes)
  }

  /**
   * The transport has ended, cleanly or by an error. `closing` is called at once, and `close` after
   * all messages before the end. Nothing can be sent from now on, unless the peer has sent a Close
   * and may still read; output that was accepted before can be taken.
   */
  receiveEnd(cause?: Error): void {
    this.#lifecycle.receiver.receiveEnd(cause)
  }

  /**
   * Stops after the current message, or after the current piece of a streamed one. The events of
   * the bytes that follow are reported after `resume`, but `scan` can look ahead. Stop reading the
   * transport too: bytes that are still received are queued. `discard` and the close report end a
   * pause; after them, this method does nothing.
   */
  pause(): void {
    this.#lifecycle.receiver.pause()
  }

  /** Continues after `pause`, synchronously. */
  resume(): void {
    this.#lifecycle.receiver.resume()
  }

  /** True between `pause` and `resume`. */
  get isPaused(): boolean {
    return this.#lifecycle.receiver.isPaused
  }

  /** Bytes received that wait for `resume` or for an extension. */
  get unreadLength(): number {
    return this.#lifecycle.receiver.length
  }

  /**
   * Bytes of memory that received data takes: unread bytes with an allowance for each chunk, and the
   * room reserved for the message in progress, unless it is streamed.
   */
  get inputMemory(): number {
    return this.#lifecycle.receiver.memory
  }

  /**
   * Looks ahead in the unread bytes, so that a busy connection stays responsive: answers the newest
   * ping, reports pings and pongs to `pingReceived` and `pongReceived`, and the peer's Close to
   * `closing`. Stops at the first illegal frame, which fails the connection in its turn. Each byte
   * is looked at once, so call it freely: best at the end of a turn of the event loop, if
   * `unreadLength` is not 0.
   */
  scan(): void {
    this.#lifecycle.receiver.scan()
  }

  /**
   * Drops the message in progress, unread messages and all later ones, without decompressing or
   * validating them. A pause ends for good, so that control frames are handled at once, and with
   * them the peer's Close. Call it after `close` if the messages that the peer has sent until then
   * are not wanted.
   */
  discard(): void {
    this.#lifecycle.receiver.discard()
  }

  /**
   * Passes in the time, in milliseconds of a monotonic clock. Each deadline starts at the first
   * `tick` of its wait. That of a message stands still while input is held. Call it as often as
   * deadlines should be precise.
   */
  tick(now: number): void {
    const elapsed = now - (this.#now ?? now)
    this.#now = now
    this.#lifecycle.tick(now, elapsed)
  }

  // ── sending ─────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends a message: a string as text, bytes as binary, either as `options.type`, or a prepared
   * message. Bytes must not change until they have been written. Returns false if nothing can
   * be sent any more, or the connection has just failed. Throws a `TypeError` for other values, and
   * for bytes to be sent as text that are not valid UTF-8.
   */
  send(data: Sendable, options?: SendOptions): boolean {
    const message = toMessage(data)
    const lifecycle = this.#lifecycle
    if (options?.type !== undefined) checkMessageType(message, options.type, lifecycle.host)
    if (!lifecycle.canSend) return false
    lifecycle.sender.send(message, options)
    return lifecycle.canSend
  }

  /** Begins a message that is sent in pieces. Undefined if nothing can be sent any more. */
  stream(type: MessageType, options?: SendOptions): OutgoingStream | undefined {
    const lifecycle = this.#lifecycle
    if (!lifecycle.canSend) return undefined
    const write = lifecycle.sender.stream(type, options)
    return new OutgoingStream(type, (data, last) => {
      if (!lifecycle.canSend) return false
      write(data, last)
      return lifecycle.canSend
    })
  }

  /**
   * Sends a ping with at most 125 bytes. Returns false if nothing can be sent any more. Throws a
   * `RangeError` for a longer payload.
   */
  ping(payload: BinaryLike = EMPTY): boolean {
    const bytes = toControlPayload(payload)
    if (!this.#lifecycle.canSend) return false
    this.#lifecycle.sender.control(Opcode.ping, bytes)
    return true
  }

  /**
   * Sends a pong: the answer to a ping if `autoPong` is false, or "a unidirectional heartbeat"
   * (RFC 6455 §5.5.3). See `ping`.
   */
  pong(payload: BinaryLike = EMPTY): boolean {
    const bytes = toControlPayload(payload)
    if (!this.#lifecycle.canSend) return false
    this.#lifecycle.sender.control(Opcode.pong, bytes)
    return true
  }

  /**
   * Sends a frame that the caller has encoded, or several, whole messages or not: of the opcode, the
   * mask and the order of fragments nothing is checked. Like a ping it precedes messages that wait
   * for an extension. The bytes must not change until they have been written. Returns false if
   * nothing can be sent any more.
   */
  sendEncoded(frame: Uint8Array): boolean {
    if (!this.#lifecycle.canSend) return false
    this.#lifecycle.sender.encoded(frame)
    return true
  }

  /**
   * Sends a Close frame, after all messages sent before: starts the closing handshake, or answers
   * the peer's Close, whose code and reason are then sent instead. Does nothing if a Close has been
   * sent. Throws a `RangeError` for a code that must not be sent or a reason above 123 bytes of
   * UTF-8, a `TypeError` for a reason that is not a string.
   */
  close(code?: number, reason?: string): void {
    this.#lifecycle.close(code, reason)
  }

  /** Fails the connection: sends a Close frame with 1011, or with the code of a `ProtocolError`. */
  fail(error: unknown): void {
    this.#lifecycle.fail(error)
  }

  /** Ends the connection at once, without a Close frame. Unsent messages are dropped. */
  terminate(cause?: Error): void {
    this.#lifecycle.terminate(cause)
  }

  /**
   * Set it while the transport's buffer is full: then pings are not answered one by one, but only
   * the newest, once this is cleared. Other output is still buffered.
   */
  get transportFull(): boolean {
    return this.#lifecycle.sender.transportFull
  }

  /** True while the transport's buffer is full. */
  set transportFull(transportFull: boolean) {
    this.#lifecycle.sender.transportFull = transportFull
  }

  /**
   * Returns the bytes to write next, in order, and removes them from the buffer. Write them at once
   * and do not modify them: large payloads are the senders' own arrays, and the frames of prepared
   * messages are shared.
   */
  takeOutput(): readonly Uint8Array[] {
    return this.#lifecycle.sender.output.take()
  }
}

/** Throws a `TypeError` or a `RangeError` for a payload that a control frame cannot have. */
function toControlPayload(payload: BinaryLike): Uint8Array {
  const bytes = toBytes(payload)
  if (bytes === undefined)
    throw new TypeError(`payload must be an ArrayBuffer or a view of one, not ${typeName(payload)}`)
  // "All control frames MUST have a payload length of 125 bytes or less"
  if (bytes.length > MAX_CONTROL_LENGTH) {
    throw new RangeError(
      `payload of a control frame must be at most 125 bytes (RFC 6455 §5.5), not ${bytes.length}`,
    )
  }
  return bytes
}
