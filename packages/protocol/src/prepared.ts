// A message for many connections: encoded once, sent by reference. Knows none of the connections.

import { createHeader, headerSize, minimalLengthSize, Opcode, writeHeader } from '@ws/frame'
import { describe } from './describe.ts'
import type { Host } from './host.ts'

/** A message that is encoded once for all connections that mask nothing, those of servers. Made by `prepare`. */
export class PreparedMessage {
  /** What it says: a string as text, bytes as binary, not copied. */
  readonly data: string | Uint8Array
  #frame: Uint8Array | undefined

  constructor(data: string | Uint8Array) {
    this.data = data
  }

  /** The one frame of it, encoded when first asked for. It is everybody's: never to be written into. */
  frame(host: Host): Uint8Array {
    this.#frame ??= encodeUnmasked(this.data, host)
    return this.#frame
  }
}

/**
 * Prepares a message that goes to many connections: a string as text, bytes as binary. Bytes must stay as they are for as long
 * as it is sent; the first `send` of a server copies them behind their header, once for all. What is prepared already is
 * returned as it is. Throws a `TypeError` for anything else.
 */
export function prepare(data: string | Uint8Array | PreparedMessage): PreparedMessage {
  checkMessage(data)
  return data instanceof PreparedMessage ? data : new PreparedMessage(data)
}

/** Throws a `TypeError` for what cannot be sent. */
export function checkMessage(data: string | Uint8Array | PreparedMessage): void {
  if (typeof data === 'string' || data instanceof Uint8Array || data instanceof PreparedMessage) return
  throw new TypeError(`a message must be a string, a Uint8Array or prepared, not ${describe(data)}`)
}

function encodeUnmasked(data: string | Uint8Array, host: Host): Uint8Array {
  const text = typeof data === 'string'
  const size = text ? host.measureText(data) : data.length
  const header = createHeader(text ? Opcode.text : Opcode.binary)
  header.payloadLength = size
  header.lengthSize = minimalLengthSize(size)
  const frame = host.allocate(headerSize(header) + size)
  const start = writeHeader(frame, 0, header)
  if (text) host.encodeText(data, frame, start)
  else frame.set(data, start)
  return frame
}
