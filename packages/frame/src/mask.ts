// Masking and unmasking (RFC 6455 §5.3): "octet i of the transformed data is the XOR of octet i of
// the original data with octet at index i modulo 4 of the masking key". There are three loops, each
// the fastest for its size: bytes, 32-bit words, 64-bit words.

/** From this length on, creating a view of 32-bit words pays off. */
const WORDS_FROM = 64
/** From this length on, 64-bit words pay off; below, their BigInt key costs more than it saves. */
const LONG_WORDS_FROM = 512

/** The masking key twice, in the byte order of the machine, to be read as one word. */
const keyBytes = new Uint8Array(8)
const keyWord = new Int32Array(keyBytes.buffer)
const keyLongWord = new BigUint64Array(keyBytes.buffer)

/**
 * XORs `bytes[start, end)` in place with the masking key, an unsigned 32-bit number whose first
 * byte is the most significant. `offset` is the index of the first byte in the payload.
 */
export function mask(bytes: Uint8Array, start: number, end: number, maskingKey: number, offset = 0): void {
  const key = rotateKey(maskingKey, offset)
  const length = end - start
  // Stryker disable ConditionalExpression,EqualityOperator: chooses the fastest of three ways.
  if (length < WORDS_FROM) maskBytes(bytes, start, end, key)
  else if (length < LONG_WORDS_FROM) maskWords(bytes, start, end, key)
  else maskLongWords(bytes, start, end, key)
}

// Stryker restore ConditionalExpression,EqualityOperator
/** The key, rotated so that its first byte applies at this offset of the payload. */
function rotateKey(maskingKey: number, offset: number): number {
  const bits = (offset % 4) * 8
  // Stryker disable next-line ConditionalExpression: shifts by 0 and by 32 give the key itself.
  return bits === 0 ? maskingKey : (maskingKey << bits) | (maskingKey >>> (32 - bits))
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): void {
  const k0 = key >>> 24
  const k1 = (key >>> 16) & 0xff
  const k2 = (key >>> 8) & 0xff
  const k3 = key & 0xff
  let i = start
  for (const last = end - 3; i < last; i += 4) {
    bytes[i]! ^= k0
    bytes[i + 1]! ^= k1
    bytes[i + 2]! ^= k2
    bytes[i + 3]! ^= k3
  }
  if (i < end) bytes[i++]! ^= k0
  if (i < end) bytes[i++]! ^= k1
  if (i < end) bytes[i]! ^= k2
}

function maskWords(bytes: Uint8Array, start: number, end: number, key: number): void {
  const from = start + unaligned(bytes, start, 4)
  const count = (end - from) >> 2
  const to = from + count * 4
  maskBytes(bytes, start, from, key)
  const rotated = rotateKey(key, from - start)
  writeKey(rotated)
  const word = keyWord[0]!
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + from, count)
  // Stryker disable next-line EqualityOperator: a typed array ignores writes past its end.
  for (let i = 0; i < count; i++) words[i]! ^= word
  maskBytes(bytes, to, end, rotated)
}

function maskLongWords(bytes: Uint8Array, start: number, end: number, key: number): void {
  const from = start + unaligned(bytes, start, 8)
  const count = (end - from) >> 3
  const to = from + count * 8
  maskBytes(bytes, start, from, key)
  const rotated = rotateKey(key, from - start)
  writeKey(rotated)
  const word = keyLongWord[0]!
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset + from, count)
  // Stryker disable next-line EqualityOperator: a typed array ignores writes past its end.
  for (let i = 0; i < count; i++) words[i]! ^= word
  maskBytes(bytes, to, end, rotated)
}

/** The number of bytes from `start` to the next word boundary in memory. */
function unaligned(bytes: Uint8Array, start: number, wordSize: 4 | 8): number {
  return -(bytes.byteOffset + start) & (wordSize - 1)
}

function writeKey(key: number): void {
  keyBytes[0] = keyBytes[4] = key >>> 24
  keyBytes[1] = keyBytes[5] = key >>> 16
  keyBytes[2] = keyBytes[6] = key >>> 8
  keyBytes[3] = keyBytes[7] = key
}
