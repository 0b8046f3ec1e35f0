// Cuts messages into pieces of a size.

import { Buffer } from 'node:buffer'

/** Pieces of at most `size` bytes; of a text, whole characters, at least one. */
export function* fragmentsOf(
  data: string | Uint8Array,
  size: number,
): Generator<string | Uint8Array, void, undefined> {
  if (typeof data !== 'string') {
    for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
    return
  }
  let piece = ''
  let length = 0
  for (const character of data) {
    const more = Buffer.byteLength(character)
    if (length > 0 && length + more > size) {
      yield piece
      piece = ''
      length = 0
    }
    piece += character
    length += more
  }
  if (length > 0) yield piece
}
