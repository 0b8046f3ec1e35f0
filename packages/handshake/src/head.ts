// Parses the head of one HTTP/1.1 message strictly (RFC 9112 §2–§5), without the variants that a
// recipient may tolerate.

import { type HeadLimits, resolveLimits } from './limits.ts'
import { type HeadFault, HeadLines, type HeadText } from './lines.ts'
import { type Rejection, reject } from './rejection.ts'
import { findTokenEnd, isToken, trimWhitespace } from './tokens.ts'

/** The head of a request, for `validateRequest`. */
export interface RequestHead {
  readonly method: string
  /** The request target as sent. */
  readonly url: string
  /** `1.1`, without the `HTTP/`. */
  readonly httpVersion: string
  /**
   * Name, value, name, value, … in the order received, as latin1, without surrounding white space.
   */
  readonly rawHeaders: readonly string[]
}

/** The head of a response, for `validateResponse`. */
export interface ResponseHead {
  readonly status: number
  /** The reason phrase; may be empty. */
  readonly reason: string
  readonly httpVersion: string
  /** As in `RequestHead`. */
  readonly rawHeaders: readonly string[]
}

/** A head, and the bytes after it as a view of the last chunk: the first frames. */
export interface Parsed<Head> {
  readonly ok: true
  readonly head: Head
  readonly rest: Uint8Array
}

/** Parses the head of one request incrementally, as a server does. */
export class RequestParser {
  readonly #parser: HeadParser<RequestHead>

  /** Throws a RangeError for a limit that is not a positive integer. */
  constructor(limits?: HeadLimits) {
    const { maxHeadSize, maxFields, maxTargetLength } = resolveLimits(limits)
    const lines = new HeadLines({ maxHeadSize, maxFields, maxStartLine: maxTargetLength + 64 })
    this.#parser = new HeadParser(lines, text => parseRequest(text, maxTargetLength))
  }

  /**
   * Parses the next chunk. Returns undefined until the head is complete, then the head or a
   * rejection to send: 400 for bad syntax, 414 and 431 above the limits, 505 for another major
   * version of HTTP. Further calls return the same rejection; after a head they throw a TypeError.
   */
  push(bytes: Uint8Array): Parsed<RequestHead> | Rejection | undefined {
    const result = this.#parser.push(bytes)
    return isFault(result) ? reject(result.status, result.text) : result
  }
}

/**
 * Parses the head of one response incrementally, as a client does. After an interim response (100,
 * 103), pass `rest` to a new parser.
 */
export class ResponseParser {
  readonly #parser: HeadParser<ResponseHead>

  /** Throws a RangeError for a limit that is not a positive integer. */
  constructor(limits?: HeadLimits) {
    const { maxHeadSize, maxFields } = resolveLimits(limits)
    this.#parser = new HeadParser(
      new HeadLines({ maxHeadSize, maxFields, maxStartLine: maxHeadSize }),
      parseResponse,
    )
  }

  /** As in `RequestParser`; for an invalid head it returns an error message. */
  push(bytes: Uint8Array): Parsed<ResponseHead> | { readonly ok: false; readonly error: string } | undefined {
    const result = this.#parser.push(bytes)
    return isFault(result) ? { ok: false, error: result.text } : result
  }
}

class HeadParser<Head extends object> {
  readonly #lines: HeadLines
  readonly #parse: (lines: readonly string[]) => Head | HeadFault
  #result: Parsed<Head> | HeadFault | undefined

  constructor(lines: HeadLines, parse: (lines: readonly string[]) => Head | HeadFault) {
    this.#lines = lines
    this.#parse = parse
  }

  push(bytes: Uint8Array): Parsed<Head> | HeadFault | undefined {
    if (this.#result === undefined) {
      const read = this.#lines.push(bytes)
      this.#result = read && 'lines' in read ? this.#finish(read) : read
    } else if (!isFault(this.#result)) {
      throw new TypeError('the head is already complete (RFC 9112 §2.1)')
    }
    return this.#result
  }

  #finish({ lines, rest }: HeadText): Parsed<Head> | HeadFault {
    const head = this.#parse(lines)
    return isFault(head) ? head : { ok: true, head, rest }
  }
}

// request-line = method SP request-target SP HTTP-version
function parseRequest(lines: readonly string[], maxTargetLength: number): RequestHead | HeadFault {
  const line = lines[0]!
  const first = line.indexOf(' ')
  const last = line.lastIndexOf(' ')
  const url = first === -1 ? '' : line.slice(first + 1, last)
  // "A server that receives a request-target longer than any URI it wishes to parse MUST respond
  // with a 414 (URI Too Long) status code."
  if (url.length > maxTargetLength) {
    return { status: 414, text: `the target is longer than ${maxTargetLength} bytes (RFC 9112 §3)` }
  }
  const method = line.slice(0, first)
  // "No whitespace is allowed in the request-target." All of it must be printable ASCII.
  if (!isToken(method) || url === '' || /[^!-~]/.test(url)) return fault400('request line', '§3')
  const httpVersion = parseVersion(line.slice(last + 1))
  if (typeof httpVersion !== 'string') return httpVersion
  const rawHeaders = parseFields(lines)
  return isFault(rawHeaders) ? rawHeaders : { method, url, httpVersion, rawHeaders }
}

// status-line = HTTP-version SP status-code SP [ reason-phrase ]
function parseResponse(lines: readonly string[]): ResponseHead | HeadFault {
  const [protocol = '', status = '', ...reason] = lines[0]!.split(' ')
  const httpVersion = parseVersion(protocol)
  if (typeof httpVersion !== 'string') return httpVersion
  if (!/^[1-5][0-9][0-9]$/.test(status)) return fault400('status line', '§4')
  const rawHeaders = parseFields(lines)
  return isFault(rawHeaders)
    ? rawHeaders
    : { status: Number(status), reason: reason.join(' '), httpVersion, rawHeaders }
}

function parseVersion(protocol: string): string | HeadFault {
  // Stryker disable next-line ConditionalExpression: only a fast path.
  if (protocol === 'HTTP/1.1') return '1.1'
  if (!/^HTTP\/[0-9]\.[0-9]$/.test(protocol)) return fault400('HTTP version', '§2.3')
  const version = protocol.slice(5)
  return version.startsWith('1.')
    ? version
    : { status: 505, text: 'the HTTP version must be 1.1 (RFC 9112 §2.3)' }
}

function parseFields(lines: readonly string[]): readonly string[] | HeadFault {
  const rawHeaders: string[] = []
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!
    const colon = findTokenEnd(line, 0)
    // "A server MUST reject, with a response status code of 400 (Bad Request), any received request
    // message that contains whitespace between a header field name and colon."
    // "A server that receives an obs-fold in a request message that is not within a message/http
    // container MUST either reject the message by sending a 400 (Bad Request)" (a line that starts
    // with white space has no token before its colon)
    if (colon === 0 || line.charAt(colon) !== ':') return fault400('header field', '§5')
    rawHeaders.push(line.slice(0, colon), trimWhitespace(line.slice(colon + 1)))
  }
  return rawHeaders
}

function fault400(what: string, section: string): HeadFault {
  return { status: 400, text: `the ${what} is malformed (RFC 9112 ${section})` }
}

function isFault(value: object | undefined): value is HeadFault {
  return value !== undefined && 'text' in value
}
