// Numbers and bytes in words.

const count = new Intl.NumberFormat('en')
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

/** `1,234`. */
export function countInWords(value: number): string {
  return count.format(value)
}

/** `12 bytes`. */
export function bytesInWords(size: number): string {
  return `${count.format(size)} ${size === 1 ? 'byte' : 'bytes'}`
}

/** `1.2 ms`. A browser's clock has steps of 0.1 ms. */
export function timeInWords(milliseconds: number): string {
  if (milliseconds < 0.1) return 'under 0.1 ms'
  if (milliseconds < 1000) return `${oneDigit.format(milliseconds)} ms`
  return `${(milliseconds / 1000).toFixed(2)} s`
}

/** `0a ff`. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, hexByte).join(' ')
}

/** `0a`. */
export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

/** The bytes of a text in UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

/** Bytes in base64. */
export function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** What the close codes say (RFC 6455 §7.4.1 and the IANA registry). */
const CLOSE_CODES: Readonly<Record<number, string>> = {
  1000: 'normal closure',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'unsupported data',
  1005: 'no code given',
  1006: 'connection lost',
  1007: 'invalid data',
  1008: 'policy violation',
  1009: 'message too big',
  1010: 'extension missing',
  1011: 'server error',
  1012: 'service restart',
  1013: 'try again later',
  1014: 'bad gateway',
  1015: 'TLS handshake failed',
}

/** `1000, normal closure, “bye”`. */
export function closeInWords(code: number, reason: string): string {
  return [String(code), CLOSE_CODES[code], reason && `“${reason}”`].filter(Boolean).join(', ')
}
