// The words that HTTP header values are made of (RFC 9110 §5.6): token, quoted-string, comma list. Every reader goes
// once through its text from left to right. Knows no header field by name.

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

/** The offset after the token that starts at `start`; `start` itself when none does (RFC 9110 §5.6.2). */
export function findTokenEnd(text: string, start: number): number {
  let end = start
  while (end < text.length && TCHAR[text.charCodeAt(end)] === 1) end++
  return end
}

/** Whether the whole text is one token: at least one character, all of them `tchar` (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return text !== '' && findTokenEnd(text, 0) === text.length
}

/** The offset of the first character from `start` on that is neither space nor tab (OWS, RFC 9110 §5.6.3). */
export function skipWhitespace(text: string, start: number): number {
  let end = start
  while (end < text.length && isWhitespace(text.charCodeAt(end))) end++
  return end
}

/**
 * The text without the spaces and tabs at its ends; unlike `trim`, leaves U+00A0 of an obs-text alone (RFC 9110 §5.5).
 */
export function trimWhitespace(text: string): string {
  const start = skipWhitespace(text, 0)
  let end = text.length
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** A quoted-string after unescaping, and the offset after its closing quote. */
export interface QuotedString {
  readonly value: string
  readonly end: number
}

/**
 * Reads the quoted-string whose opening quote stands at `start`; undefined when it is malformed or never closed (RFC
 * 9110 §5.6.4).
 */
export function readQuotedString(text: string, start: number): QuotedString | undefined {
  let value = ''
  for (let at = start + 1; at < text.length; at++) {
    let code = text.charCodeAt(at)
    if (code === QUOTE) return { value, end: at + 1 }
    // "Recipients that process the value of a quoted-string MUST handle a quoted-pair as if it were replaced by the
    // octet following the backslash." (A backslash at the very end is followed by nothing: NaN, which is no text.)
    if (code === BACKSLASH) code = text.charCodeAt(++at)
    if (!isQuotable(code)) return undefined
    value += String.fromCharCode(code)
  }
  return undefined
}

/**
 * The tokens of a comma list in order, none for an empty list; undefined when an element is not a token (RFC 9110
 * §5.6.1).
 */
export function parseTokenList(text: string): readonly string[] | undefined {
  // "A recipient MUST parse and ignore a reasonable number of empty list elements"
  const elements = splitList(text).filter(element => element !== '')
  return elements.every(isToken) ? elements : undefined
}

/**
 * Whether a comma list without quoted strings has this element, whatever else stands in it. `element` is given in lower
 * case and compared in an ASCII case-insensitive manner (RFC 6455 §2.1).
 */
export function includesElement(text: string, element: string): boolean {
  const list = lowerCase(text)
  return list === element || splitList(list).includes(element)
}

/**
 * The text in ASCII lower case: no other character changes, not even one whose lower case is an ASCII letter (RFC 6455
 * §2.1).
 */
export function lowerCase(text: string): string {
  // Of ASCII the language makes the same, and sooner (`pnpm bench handshakes`).
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
