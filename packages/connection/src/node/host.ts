// What Node does faster than the portable code of the protocol: text by Buffer, memory that is not zeroed first.

import { Buffer, isUtf8 } from 'node:buffer'
import type { Host } from '@ws/protocol'
import { crypto } from './builtins.ts'

/** Up to so many bytes, to look at each of them costs less than to call the runtime for all (`pnpm bench codec`). */
const SHORT = 64

/** What `toString` and `write` of a Buffer call once they know the encoding; not documented, and in every Node that we run on. */
interface NodeBuffer extends Buffer {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
  utf8Write(text: string, offset: number): number
}

/** Memory of so many bytes is worth having to itself. */
const POOLED_BELOW = 4096

/** The platform services of Node. */
export const nodeHost: Host = {
  decodeText(bytes, start, end) {
    if (end - start <= SHORT && isAscii(bytes, start, end)) return asBuffer(bytes).latin1Slice(start, end)
    return isUtf8(bytes.subarray(start, end)) ? asBuffer(bytes).utf8Slice(start, end) : undefined
  },

  measureText: text => Buffer.byteLength(text),

  encodeText: (text, target, offset) => asBuffer(target).utf8Write(text, offset),

  isUtf8: (bytes, start, end) => isUtf8(bytes.subarray(start, end)),

  // From the pool of Node only what is small: a part of the pool would be copied before a receiver may keep it.
  allocate: size => (size < POOLED_BELOW ? Buffer.allocUnsafe(size) : Buffer.allocUnsafeSlow(size)),

  createMaskingKey: () => crypto.randomFillSync(new Uint32Array(1))[0]!,
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
