// Functions that a platform may have in a faster version: text encoding, memory, random numbers.
// The default needs TextEncoder, TextDecoder and crypto.

import { Utf8Validator } from './utf8.ts'

/** Functions of a platform, called without `this`. Offsets and lengths are in bytes. */
export interface Host {
  /** Decodes `bytes[start, end)`, keeping a byte order mark. Undefined for invalid UTF-8. */
  decodeText(bytes: Uint8Array, start: number, end: number): string | undefined
  /** The length of `text` in UTF-8; a lone surrogate counts as U+FFFD. */
  measureText(text: string): number
  /**
   * Writes `text` as UTF-8 to `target[offset …]`, which has room for it, with U+FFFD for lone
   * surrogates. Returns the number of bytes written.
   */
  encodeText(text: string, target: Uint8Array, offset: number): number
  /** Whether `bytes[start, end)` is valid UTF-8. */
  isUtf8(bytes: Uint8Array, start: number, end: number): boolean
  /** A new array of this size. Its content may be arbitrary. */
  allocate(size: number): Uint8Array<ArrayBuffer>
  /** An unpredictable unsigned 32-bit number: "chosen at random by the client" (RFC 6455 §5.3). */
  createMaskingKey(): number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A `Host` that runs on every platform. */
export const portableHost: Host = {
  decodeText(bytes, start, end) {
    // Stryker disable BlockStatement: returning nothing is the same.
    try {
      return decoder.decode(bytes.subarray(start, end))
    } catch {
      return undefined
    }
  },
  // Stryker restore BlockStatement

  measureText(text) {
    let size = 0
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit < 0x80) size += 1
      else if (unit < 0x800) size += 2
      else if (isSurrogatePair(text, i)) {
        size += 4
        i++
      } else size += 3
    }
    return size
  },

  encodeText(text, target, offset) {
    const { read, written } = encoder.encodeInto(text, target.subarray(offset))
    if (read === text.length) return written
    // Node 26.10 stops before the last character of some texts that fit exactly.
    const rest = encoder.encode(text.slice(read))
    target.set(rest, offset + written)
    return written + rest.length
  },

  isUtf8(bytes, start, end) {
    const validator = new Utf8Validator()
    return validator.push(bytes, start, end) && validator.complete
  },

  allocate: size => new Uint8Array(size),

  createMaskingKey: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
}

function isSurrogatePair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
}
