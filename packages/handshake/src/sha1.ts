// SHA-1 (RFC 3174), because no synchronous implementation exists on all platforms. The handshake
// uses it to prove that a server speaks WebSocket, not for security.

import { encodeBase64 } from './base64.ts'

type Words = [number, number, number, number, number]

/**
 * The SHA-1 digest of an ASCII text, in base64 (RFC 3174 §6.1). The portable default for `Digest`.
 */
export function sha1(text: string): string {
  const message = padMessage(text)
  const hash: Words = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
  const schedule = new Uint32Array(80)
  for (let block = 0; block < message.byteLength; block += 64) {
    fillSchedule(schedule, message, block)
    addBlock(hash, schedule)
  }
  const digest = new DataView(new ArrayBuffer(20))
  for (const [i, word] of hash.entries()) digest.setUint32(4 * i, word)
  return encodeBase64(new Uint8Array(digest.buffer))
}

// RFC 3174 §4: the message, one bit, zeros, and the length in bits, up to a multiple of 64 bytes.
function padMessage(text: string): DataView {
  const padded = new Uint8Array(((text.length + 8) >> 6) * 64 + 64)
  // Stryker disable next-line EqualityOperator: the next line overwrites the byte after the text.
  for (let i = 0; i < text.length; i++) padded[i] = text.charCodeAt(i)
  padded[text.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 4, text.length * 8)
  return view
}

function fillSchedule(schedule: Uint32Array, message: DataView, block: number): void {
  for (let t = 0; t < 16; t++) schedule[t] = message.getUint32(block + 4 * t)
  // Stryker disable next-line EqualityOperator: a typed array ignores writes past its end.
  for (let t = 16; t < 80; t++) {
    schedule[t] = rotate(schedule[t - 3]! ^ schedule[t - 8]! ^ schedule[t - 14]! ^ schedule[t - 16]!, 1)
  }
}

function addBlock(hash: Words, schedule: Uint32Array): void {
  let [a, b, c, d, e] = hash
  for (let t = 0; t < 80; t++) {
    const next = (rotate(a, 5) + mix(t, b, c, d) + e + schedule[t]!) | 0
    e = d
    d = c
    c = rotate(b, 30)
    b = a
    a = next
  }
  for (const [i, word] of [a, b, c, d, e].entries()) hash[i] = (hash[i]! + word) | 0
}

// RFC 3174 §5: the function and the constant of each round, in one sum.
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
  return (b ^ c ^ d) + 0xca62c1d6
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
