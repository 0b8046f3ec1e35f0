// A message for many connections: encoded once, transformed once for all that agreed on the same, sent by reference. Knows none of
// the connections.

import { createHeader, headerSize, minimalLengthSize, Opcode, writeHeader } from '@ws/frame'
import type { SendOptions, Transformation } from '../extension.ts'
import type { Host } from '../host.ts'
import { typeName } from '../type-name.ts'
import { type Transformed, transformPiece } from './transform-piece.ts'

/** A message that is encoded once for all connections that mask nothing, those of servers. Made by `prepare`. */
export class PreparedMessage {
  /** What it says: a string as text, bytes as binary, not copied. */
  readonly data: string | Uint8Array
  /** What holds where it is sent without options. */
  readonly options: SendOptions
  #size: number | undefined
  #frame: Uint8Array | undefined
  /** The frames of what extensions made of it, by `Transformation.key`, and those that are being made. */
  #transformed: Map<string, Uint8Array | Promise<Uint8Array>> | undefined

  constructor(data: string | Uint8Array, options: SendOptions) {
    this.data = data
    this.options = options
  }

  /** How many bytes it has. */
  measure(host: Host): number {
    this.#size ??= typeof this.data === 'string' ? host.measureText(this.data) : this.data.length
    return this.#size
  }

  /** The one frame of it, encoded when first asked for. It is everybody's: never to be written into. */
  frame(host: Host): Uint8Array {
    this.#frame ??= this.#encode(host, this.data, this.measure(host), 0)
    return this.#frame
  }

  /**
   * The frame of what this transformation makes of it, or `frame` where it leaves as it is; made for the first that asks with this
   * key. Throws or rejects with what the transform throws, and will try again then.
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
        ? this.#keepLater(this.#transformed, host, key, bits, transformed)
        : this.#encodeTransformed(host, transformed, bits)
    this.#transformed.set(key, frame)
    return frame
  }

  async #keepLater(
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

  /** One final frame, unmasked. */
  #encode(host: Host, payload: string | Uint8Array, size: number, rsv: number): Uint8Array {
    const header = createHeader(typeof this.data === 'string' ? Opcode.text : Opcode.binary)
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
 * Prepares a message that goes to many connections: a string as text, bytes as binary. Bytes must stay as they are for as long
 * as it is sent; the first `send` of a server copies them behind their header, once for all. What is prepared already is
 * returned as it is. Throws a `TypeError` for anything else.
 */
export function prepare(
  data: string | Uint8Array | PreparedMessage,
  options: SendOptions = NO_OPTIONS,
): PreparedMessage {
  checkMessage(data)
  return data instanceof PreparedMessage ? data : new PreparedMessage(data, options)
}

/** Throws a `TypeError` for what cannot be sent. */
export function checkMessage(data: string | Uint8Array | PreparedMessage): void {
  if (typeof data === 'string' || data instanceof Uint8Array || data instanceof PreparedMessage) return
  throw new TypeError(`a message must be a string, a Uint8Array or prepared, not ${typeName(data)}`)
}
