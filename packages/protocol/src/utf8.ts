// Validates UTF-8 incrementally (RFC 3629, RFC 6455 §8.1). Invalid text is detected at its first
// wrong byte.

/** From this length on, calling the platform's check of a range pays off. */
const BULK_FROM = 64

/** Validates one text, piece by piece. */
export class Utf8Validator {
  readonly #isUtf8: ((bytes: Uint8Array, start: number, end: number) => boolean) | undefined
  /** Continuation bytes that the current character still needs. */
  #missing = 0
  /** The range of the next continuation byte; narrower than 80–BF after E0, ED, F0 and F4. */
  #lowest = 0x80
  #highest = 0xbf

  /** `isUtf8` is an optional faster check for a range of whole characters. */
  constructor(isUtf8?: (bytes: Uint8Array, start: number, end: number) => boolean) {
    this.#isUtf8 = isUtf8
  }

  /** Whether the text may end here, because no character is incomplete. */
  get complete(): boolean {
    return this.#missing === 0
  }

  /**
   * Checks the next piece. Returns false for invalid UTF-8; do not use the validator after that.
   */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    // Stryker disable next-line EqualityOperator: chooses the faster of two ways.
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

  /** The ranges of RFC 3629 §4 exclude overlong forms, surrogates and values above U+10FFFF. */
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

/** The start of the last character before `end`: whole characters precede it in valid UTF-8. */
function lastBoundary(bytes: Uint8Array, end: number): number {
  let at = end - 1
  // Stryker disable next-line ConditionalExpression,EqualityOperator: more than three are invalid.
  while (at > end - 4 && (bytes[at]! & 0xc0) === 0x80) at--
  return at
}
