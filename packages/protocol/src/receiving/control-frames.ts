// Received control frames (RFC 6455 §5.5).

import { Opcode } from '@ws/frame'
import { copy } from '../bytes.ts'
import type { Context } from '../context.ts'

/** The connection that control frames are received for. */
export interface ControlConnection extends Context {
  readonly sender: { answerPing(payload: Uint8Array): void }
  /** A Close frame with this payload has been received. May throw a `ProtocolError`. */
  receiveClose(bytes: Uint8Array, start: number, end: number): void
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
  const { sink, sender } = connection
  if (opcode === Opcode.pong) {
    sink.pong?.(copy(bytes, start, end))
    return
  }
  // "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it
  // already received a Close frame."
  if (connection.autoPong) sender.answerPing(bytes.subarray(start, end))
  sink.ping?.(copy(bytes, start, end))
}
