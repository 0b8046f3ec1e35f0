// The octets of a payload in a case.

import { constants, deflateRawSync } from 'node:zlib'
import type { Payload } from '@ws/conformance-cases'

/** The octets that a payload stands for. */
export function bytesOf(payload: Payload): Uint8Array {
  if ('hex' in payload) return Buffer.from(payload.hex, 'hex')
  if ('ascii' in payload) return Buffer.from(payload.ascii, 'latin1')
  if ('deflated' in payload) return deflateMessage(bytesOf(payload.deflated), payload.window ?? 15)
  return Buffer.alloc(payload.bytes, payload.repeatHex, 'hex')
}

/**
 * A message as permessage-deflate sends it (RFC 7692 §7.2.1): the octets 00 00 FF FF at the end of
 * the flushed data are removed. `history` is the part of the window that earlier messages filled.
 */
export function deflateMessage(message: Uint8Array, windowBits: number, history?: Uint8Array): Uint8Array {
  const data = deflateRawSync(message, {
    // zlib has no raw window of 8 bits. Messages for it are shorter than the window.
    windowBits: Math.max(9, windowBits),
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(history === undefined || history.length === 0 ? {} : { dictionary: history }),
  })
  return data.subarray(0, -4)
}
