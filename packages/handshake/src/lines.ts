// Splits the bytes of one HTTP/1.1 head into lines (RFC 9112 §2.2), strictly and within limits. An
// error is detected at the byte that causes it, so the result does not depend on how input is cut.

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const DELETE = 0x7f

/** The most arguments passed in one call. */
const LONGEST_CALL = 4096

/**
 * An error in a head: the HTTP status to answer with, and a sentence that ends with the section.
 */
export interface HeadFault {
  readonly status: number
  readonly text: string
}

/** The lines of a head as latin1, without CRLF and the empty line; and the bytes after it. */
export interface HeadText {
  readonly lines: readonly string[]
  readonly rest: Uint8Array
}

export interface LineLimits {
  readonly maxHeadSize: number
  readonly maxFields: number
  readonly maxStartLine: number
}

/** Reads the lines of one head. Do not push more bytes after a result. */
export class HeadLines {
  readonly #limits: LineLimits
  readonly #lines: string[] = []
  #partial = ''
  #size = 0
  #afterCr = false

  constructor(limits: LineLimits) {
    this.#limits = limits
  }

  /**
   * Reads the next bytes. Undefined until the head is complete. `rest` is a view of these bytes.
   */
  push(bytes: Uint8Array): HeadText | HeadFault | undefined {
    let start = 0
    let afterCr = this.#afterCr
    let room = this.#room
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      // Fast path for plain text (`pnpm bench handshakes`).
      // Stryker disable next-line ConditionalExpression,EqualityOperator: only a fast path.
      if (byte >= SPACE && byte !== DELETE && !afterCr && i < room) continue
      const fault = this.#validateByte(byte, afterCr, this.#size + i + 1)
      if (fault !== undefined) return fault
      afterCr = byte === CR
      if (byte !== LF) continue
      const line = this.#endLine(bytes, start, i)
      start = i + 1
      if (line !== '') this.#lines.push(line)
      // "a server that is expecting to receive and parse a request-line SHOULD ignore at least one
      // empty line (CRLF) received prior to the request-line"
      else if (this.#lines.length > 0) return { lines: this.#lines, rest: bytes.subarray(start) }
      const { maxFields } = this.#limits
      if (this.#lines.length > 1 + maxFields) return fault431(`more than ${maxFields} header fields`)
      room = this.#room
    }
    this.#partial += decodeLatin1(bytes, start, bytes.length)
    this.#size += bytes.length
    this.#afterCr = afterCr
    return undefined
  }

  // Stryker disable next-line BlockStatement: NaN switches the fast path off.
  get #room(): number {
    const { maxHeadSize, maxStartLine } = this.#limits
    // Stryker disable next-line ConditionalExpression: less room only switches the fast path off.
    return (this.#lines.length === 0 ? Math.min(maxHeadSize, maxStartLine) : maxHeadSize) - this.#size
  }

  #validateByte(byte: number, afterCr: boolean, size: number): HeadFault | undefined {
    const { maxHeadSize, maxStartLine } = this.#limits
    if (size > maxHeadSize) return fault431(`a head larger than ${maxHeadSize} bytes`)
    if (this.#lines.length === 0 && size > maxStartLine) {
      return { status: 414, text: `the request line is longer than ${maxStartLine} bytes (RFC 9112 §3)` }
    }
    // "A recipient of such a bare CR MUST consider that element to be invalid or replace each bare
    // CR with SP before processing the element or forwarding the message." A recipient MAY accept a
    // bare LF; this one does not.
    if (afterCr !== (byte === LF)) {
      return { status: 400, text: 'lines end in CR LF, together (RFC 9112 §2.2)' }
    }
    if (isControl(byte)) return { status: 400, text: 'a head has no control characters (RFC 9110 §5.5)' }
    return undefined
  }

  /** The line that ends with the LF at `end`, without its CRLF. */
  #endLine(bytes: Uint8Array, start: number, end: number): string {
    // Stryker disable next-line ConditionalExpression: only a fast path.
    if (this.#partial === '') return decodeLatin1(bytes, start, end - 1)
    const line = (this.#partial + decodeLatin1(bytes, start, end)).slice(0, -1)
    this.#partial = ''
    return line
  }
}

function fault431(what: string): HeadFault {
  return { status: 431, text: `the message has ${what} (RFC 6585 §5)` }
}

function isControl(byte: number): boolean {
  // Stryker disable next-line ConditionalExpression,EqualityOperator: plain text takes the fast path
  // unless it exceeds a limit or follows a CR, which is reported first.
  return (byte < SPACE && byte !== TAB && byte !== LF && byte !== CR) || byte === DELETE
}

// Decoding from an array is faster than from bytes or character by character (`pnpm bench
// handshakes`). The number of arguments of a call is limited.
function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  // Stryker disable next-line EqualityOperator: the limit is not exact.
  if (end - start > LONGEST_CALL) {
    const middle = (start + end) >>> 1
    return decodeLatin1(bytes, start, middle) + decodeLatin1(bytes, middle, end)
  }
  // Stryker disable next-line ArrayDeclaration: an array grows as it is filled.
  const codes = new Array<number>(end - start)
  for (let i = start; i < end; i++) codes[i - start] = bytes[i]!
  return String.fromCharCode(...codes)
}
