// The elements of HTTP header values (RFC 9110 §5.6): tokens, quoted strings and lists, each parsed
// in one pass.

const TAB = 0x09
const SPACE = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c
const DELETE = 0x7f

/** 1 at each code of a `tchar` (RFC 9110 §5.6.2). */
const TCHAR: Uint8Array = new Uint8Array(256)
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  TCHAR[char.charCodeAt(0)] = 1
}

/** The offset after the token at `start`, or `start` if there is none (RFC 9110 §5.6.2). */
export function findTokenEnd(text: string, start: number): number {
  let end = start
  // Stryker disable next-line ConditionalExpression,EqualityOperator: NaN, past the end, is in no
  // class.
  while (end < text.length && TCHAR[text.charCodeAt(end)] === 1) end++
  return end
}

/** Whether the text is a token: one or more `tchar` (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return text !== '' && findTokenEnd(text, 0) === text.length
}

/** The offset of the first character from `start` that is not a space or tab (RFC 9110 §5.6.3). */
export function skipWhitespace(text: string, start: number): number {
  let end = start
  // Stryker disable next-line ConditionalExpression,EqualityOperator: NaN, past the end, is in no
  // class.
  while (end < text.length && isWhitespace(text.charCodeAt(end))) end++
  return end
}

/** Trims spaces and tabs; unlike `trim`, keeps U+00A0, which may be obs-text (RFC 9110 §5.5). */
export function trimWhitespace(text: string): string {
  const start = skipWhitespace(text, 0)
  let end = text.length
  // Stryker disable next-line ConditionalExpression,EqualityOperator: such a text is empty either
  // way.
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

export interface QuotedString {
  readonly value: string
  readonly end: number
}

/**
 * Reads the quoted-string with its opening quote at `start`. Undefined if it is malformed or not
 * closed (RFC 9110 §5.6.4).
 */
export function readQuotedString(text: string, start: number): QuotedString | undefined {
  let value = ''
  // Stryker disable next-line EqualityOperator: NaN, past the end, is in no class.
  for (let at = start + 1; at < text.length; at++) {
    let code = text.charCodeAt(at)
    if (code === QUOTE) return { value, end: at + 1 }
    // "Recipients that process the value of a quoted-string MUST handle a quoted-pair as if it were
    // replaced by the octet following the backslash." (After a backslash at the end the code is
    // NaN, which is not quotable.)
    if (code === BACKSLASH) code = text.charCodeAt(++at)
    if (!isQuotable(code)) return undefined
    value += String.fromCharCode(code)
  }
  return undefined
}

/**
 * The tokens of a comma-separated list. Undefined if an element is not a token (RFC 9110 §5.6.1).
 */
export function parseTokenList(text: string): readonly string[] | undefined {
  // "A recipient MUST parse and ignore a reasonable number of empty list elements"
  const elements = splitList(text).filter(element => element !== '')
  return elements.every(isToken) ? elements : undefined
}

/**
 * Whether a comma-separated list without quoted strings contains an element, given in lower case.
 * The comparison ignores ASCII case (RFC 6455 §2.1).
 */
export function includesElement(text: string, element: string): boolean {
  const list = lowerCase(text)
  // Stryker disable next-line ConditionalExpression: only a fast path.
  return list === element || splitList(list).includes(element)
}

/**
 * The text with ASCII letters in lower case. No other character changes, even if its lower case is
 * an ASCII letter (RFC 6455 §2.1).
 */
export function lowerCase(text: string): string {
  // `toLowerCase` does the same for ASCII, and is faster (`pnpm bench handshakes`).
  // Stryker disable next-line Regex: letter by letter it is the same.
  return /[^ -~]/.test(text) ? text.replace(/[A-Z]+/g, letters => letters.toLowerCase()) : text.toLowerCase()
}

function splitList(text: string): string[] {
  return text.split(',').map(trimWhitespace)
}

function isWhitespace(code: number): boolean {
  return code === SPACE || code === TAB
}

function isQuotable(code: number): boolean {
  return code === TAB || (code >= SPACE && code !== DELETE && code <= 0xff)
}
