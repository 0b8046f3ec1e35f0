// The content of a fragmented message (RFC 6455 §5.4), either buffered until it is complete or
// streamed piece by piece. Text is validated as it arrives (§8.1).

import { MAX_HEADER_SIZE, ProtocolError } from '@ws/frame'
import { copy, own } from '../bytes.ts'
import type { MessageType } from '../extension.ts'
import type { Host } from '../host.ts'
import type { IncomingStream, ProtocolSink } from '../sink.ts'
import { Utf8Validator } from '../utf8.ts'
import type { MessageAccount } from './message-account.ts'

/** A message of an announced size gets up to this much memory before its bytes arrive. */
const RESERVED_AT_ONCE = 64 * 1024
/**
 * A larger message gets at most this many times the bytes that have arrived, its header included.
 * A first read of 256 KiB then reserves 4 MiB of a message, which are copied once
 * (`pnpm bench echo-large`).
 */
const RESERVED_FACTOR = 16

export interface MessageBody {
  /** Bytes of memory that it has reserved. */
  readonly memory: number
  /** Adds `bytes[start, end)`. Throws a `ProtocolError` (1007) for invalid UTF-8. */
  push(bytes: Uint8Array, start: number, end: number): void
  /**
   * Delivers the complete message. Throws a `ProtocolError` (1007) if a character is incomplete.
   */
  finish(): void
  /** The connection closed before the message was complete. */
  abort(): void
}

/** The estimates of a `MessageAccount` that a buffer is sized by. */
export type SizeEstimate = Pick<MessageAccount, 'expectedSize' | 'reachableSize'>

/** Buffers a message. The buffer grows with the bytes that arrive, not with what headers claim. */
export class BufferedMessage implements MessageBody {
  readonly #host: Host
  readonly #sink: ProtocolSink
  readonly #estimate: SizeEstimate
  readonly #validator: Utf8Validator | undefined
  readonly #textAsBytes: boolean
  #buffer: Uint8Array<ArrayBuffer> | undefined
  #length = 0

  constructor(
    type: MessageType,
    host: Host,
    sink: ProtocolSink,
    estimate: SizeEstimate,
    textAsBytes = false,
  ) {
    this.#host = host
    this.#sink = sink
    this.#estimate = estimate
    this.#textAsBytes = textAsBytes
    this.#validator = createValidator(type, host)
  }

  get memory(): number {
    return this.#buffer?.length ?? 0
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    validate(this.#validator, bytes, start, end)
    const length = this.#length + end - start
    const buffer = this.#reserve(length)
    // Stryker disable next-line ConditionalExpression: only a fast path.
    buffer.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.#length)
    this.#length = length
  }

  finish(): void {
    const buffer = this.#buffer ?? new Uint8Array(0)
    if (this.#validator === undefined) this.#sink.message(own(buffer, this.#length), 'binary')
    else if (!this.#textAsBytes) this.#sink.message(decodeText(this.#host, buffer, 0, this.#length), 'text')
    else if (this.#validator.complete) this.#sink.message(own(buffer, this.#length), 'text')
    else throwNotUtf8()
  }

  abort(): void {
    this.#buffer = undefined
  }

  #reserve(length: number): Uint8Array {
    const buffer = this.#buffer
    if (buffer !== undefined && buffer.length >= length) return buffer
    const { expectedSize, reachableSize } = this.#estimate
    const ahead = Math.max(RESERVED_AT_ONCE, RESERVED_FACTOR * (length + MAX_HEADER_SIZE))
    const wanted = Math.max(2 * length, Math.min(expectedSize, ahead))
    // The memory is not zeroed: only bytes that have been written are delivered.
    const larger = this.#host.allocate(Math.max(length, Math.min(wanted, reachableSize)))
    if (buffer !== undefined) larger.set(buffer.subarray(0, this.#length))
    this.#buffer = larger
    return larger
  }
}

/** Passes each piece on as it arrives; decoded pieces of text end between characters. */
export class StreamedMessage implements MessageBody {
  /** The receiver of the pieces keeps them. */
  readonly memory = 0
  readonly #stream: IncomingStream
  readonly #account: Pick<MessageAccount, 'progress'>
  readonly #validator: Utf8Validator | undefined
  readonly #decoder: InstanceType<typeof TextDecoder> | undefined

  constructor(
    type: MessageType,
    host: Host,
    stream: IncomingStream,
    account: Pick<MessageAccount, 'progress'>,
    textAsBytes = false,
  ) {
    this.#stream = stream
    this.#account = account
    this.#validator = createValidator(type, host)
    const isDecoded = type === 'text' && !textAsBytes
    // Stryker disable next-line BooleanLiteral: the validator has checked the bytes.
    this.#decoder = isDecoded ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }) : undefined
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    this.#account.progress()
    validate(this.#validator, bytes, start, end)
    const piece =
      this.#decoder === undefined
        ? copy(bytes, start, end)
        : this.#decoder.decode(bytes.subarray(start, end), { stream: true })
    if (piece.length > 0) this.#stream.write(piece)
  }

  finish(): void {
    if (this.#validator?.complete === false) {
      // The message is no longer in progress when the connection fails, so it is aborted here.
      this.#stream.abort()
      throwNotUtf8()
    }
    this.#stream.end()
  }

  abort(): void {
    this.#stream.abort()
  }
}

/** Decodes `bytes[start, end)`. Throws a `ProtocolError` (1007) for invalid UTF-8. */
export function decodeText(host: Host, bytes: Uint8Array, start: number, end: number): string {
  return host.decodeText(bytes, start, end) ?? throwNotUtf8()
}

/** A copy of the text `bytes[start, end)`. Throws a `ProtocolError` (1007) for invalid UTF-8. */
export function copyText(host: Host, bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  if (!host.isUtf8(bytes, start, end)) throwNotUtf8()
  return copy(bytes, start, end)
}

function createValidator(type: MessageType, host: Host): Utf8Validator | undefined {
  return type === 'text' ? new Utf8Validator(host.isUtf8) : undefined
}

function validate(validator: Utf8Validator | undefined, bytes: Uint8Array, start: number, end: number): void {
  if (validator?.push(bytes, start, end) === false) throwNotUtf8()
}

function throwNotUtf8(): never {
  // "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not,
  // in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
  throw new ProtocolError('text is not UTF-8', {
    code: 'ERR_WS_INVALID_UTF8',
    closeCode: 1007,
    section: 'RFC 6455 §8.1',
  })
}
