// The host functions of Node: text by `Buffer`, and memory that is not zeroed.

import { Buffer, isUtf8 } from 'node:buffer'
import type { Host } from '@ws/protocol'
import { createMaskingKey } from './masking-keys.ts'

/** Up to this many bytes, a loop is faster than a call of the runtime (`pnpm bench codec`). */
const SHORT = 64

/** Undocumented: what `toString` and `write` of a `Buffer` call for each encoding. */
interface NodeBuffer extends Buffer {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
  utf8Write(text: string, offset: number): number
}

/** Larger arrays get memory of their own. */
const POOLED_BELOW = 4096

/** The host functions of Node. */
export const nodeHost: Host = {
  decodeText(bytes, start, end) {
    if (end - start <= SHORT && isAscii(bytes, start, end)) return asBuffer(bytes).latin1Slice(start, end)
    return isUtf8(bytes.subarray(start, end)) ? asBuffer(bytes).utf8Slice(start, end) : undefined
  },

  measureText: text => Buffer.byteLength(text),

  encodeText: (text, target, offset) => asBuffer(target).utf8Write(text, offset),

  isUtf8: (bytes, start, end) => isUtf8(bytes.subarray(start, end)),

  // Arrays from Node's pool must be copied before a receiver may keep them.
  allocate: size => (size < POOLED_BELOW ? Buffer.allocUnsafe(size) : Buffer.allocUnsafeSlow(size)),

  createMaskingKey,
}

function asBuffer(bytes: Uint8Array): NodeBuffer {
  const buffer =
    bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer as NodeBuffer
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let bits = 0
  for (let i = start; i < end; i++) bits |= bytes[i]!
  return bits < 0x80
}
