// Bytes: views of what users pass, and copies of what is only lent.

/** Everything that holds bytes: an `ArrayBuffer`, or any view of one, such as a `Buffer`. */
export type BinaryLike = ArrayBuffer | ArrayBufferView

const byteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')!.get!

/** The bytes without a copy, also of another realm; undefined for other values. */
export function toBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return isArrayBuffer(value) ? new Uint8Array(value) : undefined
}

/** `instanceof` is false for a buffer of another realm, as in some test runners. */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  if (typeof value !== 'object' || value === null) return false
  try {
    byteLength.call(value)
    return true
  } catch {
    return false
  }
}

/** A copy of `bytes[start, end)`. */
export function copy(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  // Stryker disable next-line ConditionalExpression: only a fast path.
  return new Uint8Array(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))
}

/**
 * The first `length` bytes, for a receiver that may keep them: a view if they fill at least half of
 * the underlying memory, else a copy, so that a few bytes do not keep a large buffer alive.
 */
export function own(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (2 * length < bytes.buffer.byteLength) return copy(bytes, 0, length)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, length)
}

/** The parts joined in one array: the part itself if there is only one. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  // Stryker disable next-line ConditionalExpression: only a fast path.
  if (parts.length === 1) return parts[0]!
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
