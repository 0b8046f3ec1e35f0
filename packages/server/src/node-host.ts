// What Node does faster than the portable code of the protocol: text by Buffer, memory that is not zeroed first.

import { Buffer, isUtf8 } from 'node:buffer'
import { randomFillSync } from 'node:crypto'
import type { Host } from '@ws/protocol'

/** Up to so many characters, to look at each of them costs less than to call the runtime for all. */
const SHORT = 32

/** The platform services of Node. */
export const nodeHost: Host = {
  decodeText(bytes, start, end) {
    if (end - start <= SHORT && isAscii(bytes, start, end))
      return asBuffer(bytes).toString('latin1', start, end)
    return isUtf8(bytes.subarray(start, end)) ? asBuffer(bytes).toString('utf8', start, end) : undefined
  },

  measureText(text) {
    return text.length <= SHORT && isAsciiText(text) ? text.length : Buffer.byteLength(text)
  },

  encodeText(text, target, offset, size) {
    // As many bytes as UTF-16 units: it is ASCII.
    asBuffer(target).write(text, offset, size, size === text.length ? 'latin1' : 'utf8')
  },

  isUtf8: (bytes, start, end) => isUtf8(bytes.subarray(start, end)),

  allocate: size => Buffer.allocUnsafe(size),

  createMaskingKey: () => randomFillSync(new Uint32Array(1))[0]!,
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let bits = 0
  for (let i = start; i < end; i++) bits |= bytes[i]!
  return bits < 0x80
}

function isAsciiText(text: string): boolean {
  let bits = 0
  for (let i = 0; i < text.length; i++) bits |= text.charCodeAt(i)
  return bits < 0x80
}
