// The errors with which a connection is terminated; see docs/errors.md.

import { CloseCode, WebSocketError } from '@ws/protocol'

/** Silence after a ping. */
export function pongTimeoutError(timeout: number): WebSocketError {
  return new WebSocketError(`no sign of life within ${timeout} ms of a ping`, {
    code: 'ERR_WS_PONG_TIMEOUT',
    closeCode: CloseCode.abnormal,
  })
}

/** A peer that accepts none of the data queued for it. */
export function writeTimeoutError(timeout: number): WebSocketError {
  return new WebSocketError(`the peer accepted no data for ${timeout} ms`, {
    code: 'ERR_WS_WRITE_TIMEOUT',
    closeCode: CloseCode.abnormal,
  })
}

/** A peer that reads too slowly for what is sent to it. */
export function bufferOverflowError(limit: number): WebSocketError {
  return new WebSocketError(`the peer does not read: more than ${limit} bytes are buffered`, {
    code: 'ERR_WS_BUFFER_OVERFLOW',
    closeCode: CloseCode.abnormal,
  })
}
