// Received control frames, in their turn (RFC 6455 §5.5).

import { Opcode } from '@ws/frame'
import { copy } from '../bytes.ts'
import type { Context } from '../context.ts'

/** The connection that control frames are received for. */
export interface ControlConnection extends Context {
  readonly sender: { answerPing(payload: Uint8Array): void }
  readonly receiver: ControlInput
  /** The connection has been reported closed: further input is ignored. */
  readonly isClosed: boolean
  /** A Close frame with this payload has been received. May throw a `ProtocolError`. */
  receiveClose(bytes: Uint8Array, start: number, end: number): void
}

/** The input that control frames are received from. */
export interface ControlInput {
  /** Whether this ping or pong was found before its turn. Call it once for each. */
  skipFound(): boolean
}

/** Handles a control frame with the payload `bytes[start, end)`. Throws errors of the sink too. */
export function receiveControl(
  connection: ControlConnection,
  opcode: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  if (opcode === Opcode.close) {
    connection.receiveClose(bytes, start, end)
    return
  }
  const { sink, receiver } = connection
  const isNew = !receiver.skipFound()
  if (opcode === Opcode.ping) {
    if (isNew && acceptPing(connection)) connection.sender.answerPing(bytes.subarray(start, end))
    if (!connection.isClosed) sink.ping?.(copy(bytes, start, end))
  } else {
    if (isNew) sink.pongReceived?.(bytes.subarray(start, end))
    if (!connection.isClosed) sink.pong?.(copy(bytes, start, end))
  }
}

/** Offers a ping to the sink. Returns whether to answer it. */
export function acceptPing({ sink, autoPong }: ControlConnection): boolean {
  // "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it
  // already received a Close frame."
  return sink.pingReceived?.() !== false && autoPong
}
