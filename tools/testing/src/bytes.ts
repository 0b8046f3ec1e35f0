// Byte literals for tests.

/** Parses hexadecimal digits, ignoring white space. Throws a `TypeError`. */
export function hex(digits: string): Uint8Array<ArrayBuffer> {
  const packed = digits.replace(/\s+/g, '')
  if (packed.length % 2 !== 0 || /[^0-9a-f]/i.test(packed)) throw new TypeError(`not hexadecimal: ${digits}`)
  const bytes = new Uint8Array(packed.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(packed.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}
