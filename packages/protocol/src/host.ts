// What the machine we run on does faster than the language: text to bytes and back, memory, random numbers. The default runs
// wherever there are TextEncoder, TextDecoder and crypto; a server for one platform hands in its own.

import { Utf8Validator } from './utf8.ts'

/** The services of a platform, functions that need no `this`. All offsets and lengths are in bytes. */
export interface Host {
  /** The text whose UTF-8 stands in `bytes[start, end)`, a byte order mark included; undefined if that is no UTF-8. */
  decodeText(bytes: Uint8Array, start: number, end: number): string | undefined
  /** How many bytes `text` has in UTF-8, a lone surrogate counted as U+FFFD. */
  measureText(text: string): number
  /** Writes the UTF-8 of `text` to `target[offset …]`, which has room for it; lone surrogates as U+FFFD. Returns how many bytes. */
  encodeText(text: string, target: Uint8Array, offset: number): number
  /** Whether `bytes[start, end)` is UTF-8. */
  isUtf8(bytes: Uint8Array, start: number, end: number): boolean
  /** A new array of that size, with any content. */
  allocate(size: number): Uint8Array
  /** "a 32-bit value chosen at random by the client", unpredictable (RFC 6455 §5.3): an unsigned 32-bit number. */
  createMaskingKey(): number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Written with what every platform has. */
export const portableHost: Host = {
  decodeText(bytes, start, end) {
    try {
      return decoder.decode(bytes.subarray(start, end))
    } catch {
      return undefined
    }
  },

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
    // There is room for it: Node 26.10 stops before the last character of some texts that fit exactly.
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
