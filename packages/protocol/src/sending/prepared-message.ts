// A message for many connections, encoded once and transformed once for each extension setting.

import { createHeader, headerSize, minimalLengthSize, Opcode, writeHeader } from '@ws/frame'
import { type BinaryLike, toBytes } from '../bytes.ts'
import type { MessageType, SendOptions, Transformation } from '../extension.ts'
import { type Host, portableHost } from '../host.ts'
import { typeName } from '../type-name.ts'
import { checkType, defaultType } from './outgoing-type.ts'
import { type Transformed, transformPiece } from './transform-piece.ts'

/**
 * Everything that can be sent: a string as text, bytes as binary, or a prepared message of either.
 */
export type Sendable = string | BinaryLike | PreparedMessage

/** A message that is encoded once for all connections of servers. Use `prepare`. */
export class PreparedMessage {
  /** The content. */
  readonly data: string | Uint8Array
  readonly type: MessageType
  /** The options with which it is sent by default. */
  readonly options: SendOptions
  #size: number | undefined
  #frame: Uint8Array | undefined
  /** Transformed frames, complete or in progress, by `Transformation.key`. */
  #transformed: Map<string, Uint8Array | Promise<Uint8Array>> | undefined

  constructor(data: string | Uint8Array, options: SendOptions) {
    this.data = data
    this.type = options.type ?? defaultType(data)
    this.options = options
  }

  /** The size in bytes of UTF-8 or binary data. */
  measure(host: Host): number {
    this.#size ??= typeof this.data === 'string' ? host.measureText(this.data) : this.data.length
    return this.#size
  }

  /** Its frame, encoded on first use. It is shared and must not be modified. */
  frame(host: Host): Uint8Array {
    this.#frame ??= this.#encode(host, this.data, this.measure(host), 0)
    return this.#frame
  }

  /**
   * Its transformed frame, or `frame` if the extension sends it untransformed. The transform runs
   * once for each key. Throws or rejects with errors of the transform; the next call tries again.
   */
  transformedFrame(
    host: Host,
    key: string,
    { bits, transform }: Transformation,
  ): Uint8Array | Promise<Uint8Array> {
    this.#transformed ??= new Map()
    const known = this.#transformed.get(key)
    if (known !== undefined) return known
    const transformed = transformPiece(transform, this.#toBytes(host), true, true)
    const frame =
      transformed instanceof Promise
        ? this.#storeLater(this.#transformed, host, key, bits, transformed)
        : this.#encodeTransformed(host, transformed, bits)
    this.#transformed.set(key, frame)
    return frame
  }

  async #storeLater(
    frames: Map<string, Uint8Array | Promise<Uint8Array>>,
    host: Host,
    key: string,
    bits: number,
    transformed: Promise<Transformed>,
  ): Promise<Uint8Array> {
    try {
      const frame = this.#encodeTransformed(host, await transformed, bits)
      frames.set(key, frame)
      return frame
    } catch (error) {
      frames.delete(key)
      throw error
    }
  }

  #encodeTransformed(host: Host, payload: Transformed, bits: number): Uint8Array {
    return payload === undefined ? this.frame(host) : this.#encode(host, payload, payload.length, bits)
  }

  #toBytes(host: Host): Uint8Array {
    if (typeof this.data !== 'string') return this.data
    const bytes = new Uint8Array(this.measure(host))
    host.encodeText(this.data, bytes, 0)
    return bytes
  }

  #encode(host: Host, payload: string | Uint8Array, size: number, rsv: number): Uint8Array {
    const header = createHeader(this.type === 'text' ? Opcode.text : Opcode.binary)
    header.rsv = rsv
    header.payloadLength = size
    header.lengthSize = minimalLengthSize(size)
    const frame = host.allocate(headerSize(header) + size)
    const start = writeHeader(frame, 0, header)
    if (typeof payload === 'string') host.encodeText(payload, frame, start)
    else frame.set(payload, start)
    return frame
  }
}

const NO_OPTIONS: SendOptions = {}

/**
 * Prepares a message for sending it on many connections, as text if it is a string and as binary if
 * it is bytes, or as `options.type`. Bytes must not change while the message is in use. A prepared
 * message is returned unchanged. Throws a `TypeError` for other values, and for bytes to be sent as
 * text that are not valid UTF-8.
 */
export function prepare(data: Sendable, options: SendOptions = NO_OPTIONS): PreparedMessage {
  const message = toMessage(data)
  if (options.type !== undefined) checkMessageType(message, options.type, portableHost)
  return message instanceof PreparedMessage ? message : new PreparedMessage(message, options)
}

/** Throws a `TypeError` for a message that cannot be sent as `type`. */
export function checkMessageType(
  message: string | Uint8Array | PreparedMessage,
  type: MessageType,
  host: Host,
): void {
  if (!(message instanceof PreparedMessage)) checkType(message, type, host.isUtf8)
  else if (message.type !== type)
    throw new TypeError(`a message that was prepared as ${message.type} cannot be sent as ${type}`)
}

/** The message without a copy, bytes as a `Uint8Array`. Throws a `TypeError` for other values. */
export function toMessage(data: Sendable): string | Uint8Array | PreparedMessage {
  if (typeof data === 'string' || data instanceof Uint8Array || data instanceof PreparedMessage) return data
  const bytes = toBytes(data)
  if (bytes !== undefined) return bytes
  throw new TypeError(
    `message must be a string, an ArrayBuffer, a view of one or a prepared message, not ${typeName(data)}`,
  )
}
