// Payloads of any size in which a byte that is lost, doubled or moved is seen.

const SOME = 'aé€𝄞'

const PERIOD = Buffer.from(Array.from({ length: 251 }, (_, i) => i))

/** Bytes with a period of 251, which divides no buffer's size. */
export function bytesOf(size: number): Buffer {
  return Buffer.alloc(size, PERIOD)
}

/** UTF-8 of that many bytes, with characters of all lengths and a number now and then. */
export function textOf(size: number): Buffer {
  const bytes = Buffer.alloc(size, SOME)
  const whole = size - (size % Buffer.byteLength(SOME))
  bytes.fill('z', whole)
  for (let at = 0; at + 10 <= whole; at += 1000) bytes.write(`${at}`.padStart(10, '0'), at)
  return bytes
}
