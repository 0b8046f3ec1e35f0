// Sec-WebSocket-Key and the Sec-WebSocket-Accept that answers it (RFC 6455 §4.1, §4.2.2). Knows no other header field.

import { encodeBase64 } from './base64.ts'
import { sha1 } from './sha1.ts'

/** SHA-1 of an ASCII text, in base64. A host that has a faster one than ours may hand it in. */
export type Digest = (text: string) => string

/** Whether a Sec-WebSocket-Key is, "when decoded, […] 16 bytes in length" (RFC 6455 §4.2.1). */
export function isKey(text: string): boolean {
  // 16 bytes are 22 characters of base64 and two of padding. The last character carries four pad bits, which RFC 4648
  // §3.5 wants zero from an encoder and lets a decoder ignore; RFC 6455 §4.1 prints a key where they are not zero
  // ("AQIDBAUGBwgJCgsMDQ4PEC==", erratum 3150), so clients that send one exist, and it is the text that is hashed.
  return text.length === 24 && text.endsWith('==') && !/[^A-Za-z0-9+/]/.test(text.slice(0, 22))
}

/** A fresh key: 16 random bytes in base64 (RFC 6455 §4.1). */
export function createKey(): string {
  // "The nonce MUST be selected randomly for each connection."
  return encodeBase64(crypto.getRandomValues(new Uint8Array(16)))
}

/** The Sec-WebSocket-Accept that answers a key: 28 characters of base64 (RFC 6455 §4.2.2). */
export function computeAccept(key: string, digest: Digest = sha1): string {
  return digest(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
}
