// The errors with which a connection is terminated; see docs/errors.md.

import { CloseCode, ProtocolError, WebSocketError } from '@ws/protocol'

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

/**
 * The buffers of all connections together are above their limit, and this one's are among the
 * largest. `closeCode` is 1013, or 1006 for an end without a Close.
 */
export function memoryLimitError(closeCode: number): ProtocolError {
  return new ProtocolError('too much is buffered for all connections', {
    code: 'ERR_WS_MEMORY_LIMIT',
    closeCode,
  })
}

/** A peer that reads too slowly for what is sent to it. */
export function bufferOverflowError(limit: number): WebSocketError {
  return new WebSocketError(`the peer does not read: more than ${limit} bytes are buffered`, {
    code: 'ERR_WS_BUFFER_OVERFLOW',
    closeCode: CloseCode.abnormal,
  })
}
