// The record of a connection as the server delivers it to the page: events, several in one message.

/** Which side of the connection has sent something. */
export type Side = 'client' | 'server'

/** Something that happened to the transport of a recorded connection. */
export interface RecordEvent {
  /**
   * `bytes` were sent, or `skipped` because they are too many to record. `fin` and `closed` are the
   * end of one direction and of both. After `limit` nothing is recorded.
   */
  readonly kind: 'bytes' | 'skipped' | 'fin' | 'closed' | 'limit'
  readonly from: Side
  /** Counts from 1 for one observer. */
  readonly connection: number
  /** Milliseconds since the observer came. */
  readonly time: number
  /** Empty unless the kind is `bytes`. */
  readonly bytes: Uint8Array
  /** Number of skipped bytes. */
  readonly skipped: number
}

const KINDS = ['bytes', 'skipped', 'fin', 'closed', 'limit'] as const
const SIDES = ['client', 'server'] as const

/** Kind, side, connection, time, and the number of bytes that follow or were skipped. */
const HEADER_SIZE = 1 + 1 + 4 + 8 + 8

/** Encodes events as one message. */
export function encodeEvents(events: readonly RecordEvent[]): Uint8Array<ArrayBuffer> {
  const size = events.reduce((sum, { bytes }) => sum + HEADER_SIZE + bytes.length, 0)
  const message = new Uint8Array(size)
  const view = new DataView(message.buffer)
  let at = 0
  for (const { kind, from, connection, time, bytes, skipped } of events) {
    message[at] = KINDS.indexOf(kind)
    message[at + 1] = SIDES.indexOf(from)
    view.setUint32(at + 2, connection)
    view.setFloat64(at + 6, time)
    view.setFloat64(at + 14, kind === 'skipped' ? skipped : bytes.length)
    message.set(bytes, at + HEADER_SIZE)
    at += HEADER_SIZE + bytes.length
  }
  return message
}

/** Decodes a message. The bytes of its events are views of it. */
export function decodeEvents(message: Uint8Array): RecordEvent[] {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const events: RecordEvent[] = []
  for (let at = 0; at < message.length; ) {
    const kind = KINDS[message[at]!]!
    const amount = view.getFloat64(at + 14)
    const length = kind === 'bytes' ? amount : 0
    events.push({
      kind,
      from: SIDES[message[at + 1]!]!,
      connection: view.getUint32(at + 2),
      time: view.getFloat64(at + 6),
      bytes: message.subarray(at + HEADER_SIZE, at + HEADER_SIZE + length),
      skipped: kind === 'skipped' ? amount : 0,
    })
    at += HEADER_SIZE + length
  }
  return events
}
