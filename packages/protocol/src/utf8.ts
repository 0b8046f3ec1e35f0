// Whether bytes that arrive in pieces are UTF-8 (RFC 3629, as RFC 6455 §8.1 demands of text). Knows at the first byte that
// cannot be part of a text; decodes nothing.

/** From so many bytes on, a platform's own check of a whole range is worth its call. */
const BULK_FROM = 64

/** Judges one text, piece by piece. */
export class Utf8Validator {
  readonly #isUtf8: ((bytes: Uint8Array, start: number, end: number) => boolean) | undefined
  /** Continuation bytes that the current character still needs. */
  #missing = 0
  /** What the next continuation byte may be; narrower than 80–BF after E0, ED, F0 and F4. */
  #lowest = 0x80
  #highest = 0xbf

  /** `isUtf8`, if given, is a faster check of a range of whole characters. */
  constructor(isUtf8?: (bytes: Uint8Array, start: number, end: number) => boolean) {
    this.#isUtf8 = isUtf8
  }

  /** Whether the text could end here: no character is unfinished. */
  get complete(): boolean {
    return this.#missing === 0
  }

  /** Takes the next piece, `bytes[start, end)`. False if it cannot be part of a text: the validator is then of no more use. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#isUtf8 === undefined || end - start < BULK_FROM) return this.#pushEach(bytes, start, end)
    let from = start
    while (this.#missing > 0) if (!this.#pushEach(bytes, from, ++from)) return false
    const to = lastBoundary(bytes, end)
    return this.#isUtf8(bytes, from, to) && this.#pushEach(bytes, to, end)
  }

  #pushEach(bytes: Uint8Array, start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!
      if (this.#missing === 0) {
        if (byte >= 0x80 && !this.#startCharacter(byte)) return false
      } else {
        if (byte < this.#lowest || byte > this.#highest) return false
        this.#missing--
        this.#lowest = 0x80
        this.#highest = 0xbf
      }
    }
    return true
  }

  /** RFC 3629 §4: what may follow each first byte; it excludes overlong forms, surrogates and what lies above U+10FFFF. */
  #startCharacter(first: number): boolean {
    if (first < 0xc2 || first > 0xf4) return false
    this.#missing = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3
    if (first === 0xe0) this.#lowest = 0xa0
    else if (first === 0xed) this.#highest = 0x9f
    else if (first === 0xf0) this.#lowest = 0x90
    else if (first === 0xf4) this.#highest = 0x8f
    return true
  }
}

/** Where the last character of `bytes[…, end)` begins: the range before it holds whole characters, or is no UTF-8 at all. */
function lastBoundary(bytes: Uint8Array, end: number): number {
  let at = end - 1
  while (at > end - 4 && (bytes[at]! & 0xc0) === 0x80) at--
  return at
}
