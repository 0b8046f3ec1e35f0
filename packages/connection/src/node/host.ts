// The host functions of Node: text by `Buffer`, and memory that is not zeroed.

import { Buffer, isUtf8 } from 'node:buffer'
import type { Host } from '@ws/protocol'
import { createMaskingKey } from './masking-keys.ts'

/** Up to this many bytes, a loop is faster than a call of the runtime (`pnpm bench codec`). */
const SHORT = 64

/**
 * Undocumented: what `toString` and `write` of a `Buffer` call for each encoding. They accept every
 * `Uint8Array`, which saves a `Buffer` for each message.
 */
interface TextMethods {
  latin1Slice(this: Uint8Array, start: number, end: number): string
  utf8Slice(this: Uint8Array, start: number, end: number): string
  utf8Write(this: Uint8Array, text: string, offset: number): number
}

const { latin1Slice, utf8Slice, utf8Write } = Buffer.prototype as unknown as TextMethods

/** Larger arrays get memory of their own. */
const POOLED_BELOW = 4096

/** The host functions of Node. */
export const nodeHost: Host = {
  decodeText(bytes, start, end) {
    if (end - start <= SHORT && isAscii(bytes, start, end)) return latin1Slice.call(bytes, start, end)
    return isUtf8(bytes.subarray(start, end)) ? utf8Slice.call(bytes, start, end) : undefined
  },

  measureText: text => Buffer.byteLength(text),

  encodeText: (text, target, offset) => utf8Write.call(target, text, offset),

  isUtf8: (bytes, start, end) => isUtf8(bytes.subarray(start, end)),

  // Arrays from Node's pool must be copied before a receiver may keep them.
  allocate: size => (size < POOLED_BELOW ? Buffer.allocUnsafe(size) : Buffer.allocUnsafeSlow(size)),

  createMaskingKey,
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let bits = 0
  for (let i = start; i < end; i++) bits |= bytes[i]!
  return bits < 0x80
}
