// A message put together from pieces (RFC 6455 §5.4), its text judged as it arrives (§8.1): gathered to be handed on whole, or
// streamed piece by piece. Knows nothing of frames.

import { CloseCode, MAX_HEADER_SIZE, ProtocolError } from '@ws/frame'
import type { MessageType } from './extension.ts'
import type { Host } from './host.ts'
import type { IncomingStream, ProtocolSink } from './sink.ts'
import { Utf8Validator } from './utf8.ts'

/** A message of an announced size gets so many bytes of memory before they have come … */
const AT_ONCE = 64 * 1024
/**
 * … and a larger one at most so many times what has come, its header included: a first read of 64 KiB is enough for a message of
 * 1 MiB, which is then copied only once (`pnpm bench echo-large`).
 */
const AHEAD = 16

/** A message of which more is to come. */
export interface MessageParts {
  /**
   * Adds `bytes[start, end)`. The whole message will have at most `atMost` bytes, and `announced` of them have been announced
   * so far. Throws a `ProtocolError` (1007).
   */
  push(bytes: Uint8Array, start: number, end: number, announced: number, atMost: number): void
  /** The message is complete: hands it on. Throws a `ProtocolError` (1007). */
  finish(): void
  /** The connection ended first. */
  abort(): void
}

/** Gathers a message in one buffer, which grows with what arrives and never only with what was announced. Keeps no piece. */
export class GatheredMessage implements MessageParts {
  readonly #host: Host
  readonly #sink: ProtocolSink
  readonly #validator: Utf8Validator | undefined
  #buffer: Uint8Array | undefined
  #length = 0

  constructor(type: MessageType, host: Host, sink: ProtocolSink) {
    this.#host = host
    this.#sink = sink
    this.#validator = createValidator(type, host)
  }

  push(bytes: Uint8Array, start: number, end: number, announced: number, atMost: number): void {
    validate(this.#validator, bytes, start, end)
    const length = this.#length + end - start
    const buffer = this.#reserve(length, announced, atMost)
    buffer.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.#length)
    this.#length = length
  }

  finish(): void {
    const buffer = this.#buffer ?? new Uint8Array(0)
    if (this.#validator === undefined) this.#sink.message(own(buffer, this.#length))
    else this.#sink.message(decodeText(this.#host, buffer, 0, this.#length))
  }

  abort(): void {
    this.#buffer = undefined
  }

  #reserve(length: number, announced: number, atMost: number): Uint8Array {
    const buffer = this.#buffer
    if (buffer !== undefined && buffer.length >= length) return buffer
    const expected = Math.min(announced, Math.max(AT_ONCE, AHEAD * (length + MAX_HEADER_SIZE)))
    // Not zeroed: only what has been filled is handed on.
    const larger = this.#host.allocate(Math.max(length, Math.min(Math.max(2 * length, expected), atMost)))
    if (buffer !== undefined) larger.set(buffer.subarray(0, this.#length))
    this.#buffer = larger
    return larger
  }
}

/** Hands each piece on as it comes; of a text, whole characters. */
export class StreamedMessage implements MessageParts {
  readonly #stream: IncomingStream
  readonly #validator: Utf8Validator | undefined
  readonly #decoder: InstanceType<typeof TextDecoder> | undefined

  constructor(type: MessageType, host: Host, stream: IncomingStream) {
    this.#stream = stream
    this.#validator = createValidator(type, host)
    this.#decoder = type === 'text' ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }) : undefined
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    validate(this.#validator, bytes, start, end)
    const piece =
      this.#decoder === undefined
        ? copy(bytes, start, end)
        : this.#decoder.decode(bytes.subarray(start, end), { stream: true })
    if (piece.length > 0) this.#stream.write(piece)
  }

  finish(): void {
    if (this.#validator?.complete === false) {
      // Whoever fails the connection for it knows of no message any more.
      this.#stream.abort()
      throwNotUtf8()
    }
    this.#stream.end()
  }

  abort(): void {
    this.#stream.abort()
  }
}

/** The text in `bytes[start, end)`. Throws a `ProtocolError` (1007). */
export function decodeText(host: Host, bytes: Uint8Array, start: number, end: number): string {
  return host.decodeText(bytes, start, end) ?? throwNotUtf8()
}

/**
 * The first `length` bytes for a receiver who may keep them: a view where they are at least half of the memory behind them,
 * otherwise a copy, so that a few bytes do not keep all of it alive.
 */
export function own(bytes: Uint8Array, length: number): Uint8Array {
  if (2 * length < bytes.buffer.byteLength) return copy(bytes, 0, length)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, length)
}

/** `bytes[start, end)` in memory of their own: what a transport has read stands where the next read will be. */
export function copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))
}

function createValidator(type: MessageType, host: Host): Utf8Validator | undefined {
  return type === 'text' ? new Utf8Validator(host.isUtf8) : undefined
}

function validate(validator: Utf8Validator | undefined, bytes: Uint8Array, start: number, end: number): void {
  if (validator?.push(bytes, start, end) === false) throwNotUtf8()
}

function throwNotUtf8(): never {
  // "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid UTF-8
  // stream, that endpoint MUST _Fail the WebSocket Connection_."
  throw new ProtocolError(CloseCode.invalidData, 'text is not UTF-8 (RFC 6455 §8.1)')
}
