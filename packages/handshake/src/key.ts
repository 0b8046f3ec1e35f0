// Sec-WebSocket-Key and Sec-WebSocket-Accept (RFC 6455 §4.1, §4.2.2).

import { encodeBase64 } from './base64.ts'
import { sha1 } from './sha1.ts'

/** Computes the SHA-1 of an ASCII text, in base64. */
export type Digest = (text: string) => string

/** Whether a Sec-WebSocket-Key is, "when decoded, […] 16 bytes in length" (RFC 6455 §4.2.1). */
export function isKey(text: string): boolean {
  // 16 bytes are 22 characters of base64 and two of padding. The last character has four pad bits,
  // which a decoder may ignore (RFC 4648 §3.5). The example key in RFC 6455 §4.1 has non-zero pad
  // bits ("AQIDBAUGBwgJCgsMDQ4PEC==", erratum 3150), and the accept value is a hash of the text.
  return text.length === 24 && text.endsWith('==') && !/[^A-Za-z0-9+/]/.test(text.slice(0, 22))
}

/** A new key: 16 random bytes in base64 (RFC 6455 §4.1). */
export function createKey(): string {
  // "The nonce MUST be selected randomly for each connection."
  return encodeBase64(crypto.getRandomValues(new Uint8Array(16)))
}

/** The Sec-WebSocket-Accept for a key: 28 characters of base64 (RFC 6455 §4.2.2). */
export function computeAccept(key: string, digest: Digest = sha1): string {
  return digest(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
}
