// The errors of a WebSocket with the codes that `ws` documents.

import { ProtocolError } from '@ws/protocol'

/** The codes of `ws` for those of our packages (docs/errors.md). */
const CODES: ReadonlyMap<string, string> = new Map([
  ['ERR_WS_CONTROL_FRAME_TOO_LARGE', 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'],
  ['ERR_WS_EXPECTED_CONTINUATION', 'WS_ERR_INVALID_OPCODE'],
  ['ERR_WS_FRAGMENTED_CONTROL_FRAME', 'WS_ERR_EXPECTED_FIN'],
  ['ERR_WS_INVALID_CLOSE_CODE', 'WS_ERR_INVALID_CLOSE_CODE'],
  ['ERR_WS_INVALID_CLOSE_PAYLOAD', 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'],
  ['ERR_WS_INVALID_LENGTH', 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'],
  ['ERR_WS_INVALID_UTF8', 'WS_ERR_INVALID_UTF8'],
  ['ERR_WS_MASKED_FRAME', 'WS_ERR_UNEXPECTED_MASK'],
  ['ERR_WS_MESSAGE_TOO_LARGE', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
  ['ERR_WS_TOO_MANY_FRAGMENTS', 'WS_ERR_TOO_MANY_BUFFERED_PARTS'],
  ['ERR_WS_UNEXPECTED_CONTINUATION', 'WS_ERR_INVALID_OPCODE'],
  ['ERR_WS_UNKNOWN_OPCODE', 'WS_ERR_INVALID_OPCODE'],
  ['ERR_WS_UNMASKED_FRAME', 'WS_ERR_EXPECTED_MASK'],
])

/** The error of a WebSocket that a peer's fault has ended. */
class WebSocketFailure extends RangeError {
  override readonly name: string = 'RangeError'
  /** As `ws` documents it, `WS_ERR_…`; ours, `ERR_WS_…`, for a fault that `ws` has no code for. */
  readonly code: string

  constructor(message: string, code: string, cause: Error) {
    super(message, { cause })
    this.code = code
  }
}

/**
 * The `error` event for the cause of a close report; undefined for an end that `ws` reports as a
 * mere `close` with 1006, such as that of the network.
 */
export function failureOf(cause: Error | undefined): Error | undefined {
  if (!(cause instanceof ProtocolError)) return isInternal(cause) ? cause : undefined
  const code = cause.code === 'ERR_WS_RESERVED_BIT' ? reservedBitCode(cause) : CODES.get(cause.code)
  return new WebSocketFailure(messageOf(cause), code ?? cause.code, cause)
}

/** Programs look for this message, which is the same in all versions of `ws`. */
function messageOf(cause: ProtocolError): string {
  return cause.code === 'ERR_WS_MESSAGE_TOO_LARGE'
    ? 'Max payload size exceeded'
    : `Invalid WebSocket frame: ${cause.message}`
}

function reservedBitCode({ message }: ProtocolError): string {
  return /\bRSV[23]\b/.test(message) ? 'WS_ERR_UNEXPECTED_RSV_2_3' : 'WS_ERR_UNEXPECTED_RSV_1'
}

function isInternal(cause: Error | undefined): cause is Error {
  return cause !== undefined && 'code' in cause && cause.code === 'ERR_WS_INTERNAL_ERROR'
}
