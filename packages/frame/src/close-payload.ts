// The payload of a Close frame: empty, or a code and a reason in UTF-8 (RFC 6455 §5.5.1, §7.1.5,
// §7.1.6).

import { CloseCode, isSendableCloseCode } from './close-code.ts'
import { ProtocolError } from './error.ts'

/** The longest reason in UTF-8 bytes: the 125 bytes of a control frame minus two for the code. */
export const MAX_REASON_LENGTH = 123

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** The code and reason of a Close frame. */
export interface ClosePayload {
  /** 1005 if the frame was empty (RFC 6455 §7.1.5). */
  readonly code: number
  readonly reason: string
}

/**
 * Reads the payload `bytes[start, end)` of a Close frame. Throws a `ProtocolError`: 1007 for a
 * reason that is not UTF-8, 1002 otherwise.
 */
export function readClosePayload(bytes: Uint8Array, start = 0, end: number = bytes.length): ClosePayload {
  if (start === end) return { code: CloseCode.noStatus, reason: '' }
  // "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer"
  if (end - start === 1)
    throw new ProtocolError('Close frame with a payload of one byte', {
      code: 'ERR_WS_INVALID_CLOSE_PAYLOAD',
      closeCode: 1002,
      section: 'RFC 6455 §5.5.1',
    })
  const code = (bytes[start]! << 8) | bytes[start + 1]!
  if (!isSendableCloseCode(code))
    throw new ProtocolError(`close code ${code} must not be sent`, {
      code: 'ERR_WS_INVALID_CLOSE_CODE',
      closeCode: 1002,
      section: 'RFC 6455 §7.4',
    })
  // Stryker disable next-line ConditionalExpression,ArithmeticOperator: no bytes decode to an empty
  // text.
  return { code, reason: end - start === 2 ? '' : decodeReason(bytes.subarray(start + 2, end)) }
}

/**
 * The payload of a Close frame, empty without a code. Throws a `RangeError` for a code that must
 * not be sent or a reason above 123 bytes, a `TypeError` for a reason that is not a string or that
 * has no code.
 */
export function writeClosePayload(code?: number, reason = ''): Uint8Array<ArrayBuffer> {
  if (typeof reason !== 'string') throw new TypeError('close reason must be a string')
  if (code === undefined) {
    if (reason !== '') throw new TypeError('a close reason needs a code (RFC 6455 §5.5.1)')
    return new Uint8Array(0)
  }
  if (!Number.isInteger(code) || !isSendableCloseCode(code)) {
    throw new RangeError(`close code must be 1000–1003, 1007–1014 or 3000–4999 (RFC 6455 §7.4), not ${code}`)
  }
  const text = encoder.encode(reason)
  if (text.length > MAX_REASON_LENGTH) {
    throw new RangeError(
      `close reason must be at most ${MAX_REASON_LENGTH} bytes of UTF-8 (RFC 6455 §5.5), not ${text.length}`,
    )
  }
  const payload = new Uint8Array(2 + text.length)
  payload[0] = code >>> 8
  payload[1] = code
  payload.set(text, 2)
  return payload
}

function decodeReason(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    // "The body MAY contain UTF-8-encoded data", and by §8.1 an endpoint that finds it is not "MUST
    // _Fail the WebSocket Connection_".
    throw new ProtocolError('close reason is not UTF-8', {
      code: 'ERR_WS_INVALID_UTF8',
      closeCode: 1007,
      section: 'RFC 6455 §8.1',
    })
  }
}
