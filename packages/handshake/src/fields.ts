// Header fields (RFC 9110 §5): looking up received ones, checking and formatting those to send.

import { isToken, lowerCase, trimWhitespace } from './tokens.ts'

/** One header field: its name and its value. */
export type Field = readonly [name: string, value: string]

/**
 * The values of a field in a flat list (name, value, name, value, …); `name` is in lower case. A
 * search for a few names is faster than an index of all (`pnpm bench handshakes`).
 */
export function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  const values: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (isNamed(rawHeaders[i]!, name)) values.push(trimWhitespace(rawHeaders[i + 1]!))
  }
  return values
}

/** The values of a field joined by commas (RFC 9110 §5.3), or undefined if there is none. */
export function joinValues(rawHeaders: readonly string[], name: string): string | undefined {
  let joined: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (!isNamed(rawHeaders[i]!, name)) continue
    const value = trimWhitespace(rawHeaders[i + 1]!)
    joined = joined === undefined ? value : `${joined}, ${value}`
  }
  return joined
}

// Most names differ in length.
function isNamed(given: string, name: string): boolean {
  // Stryker disable next-line ConditionalExpression: the names would differ in lower case too.
  return given.length === name.length && lowerCase(given) === name
}

/** The characters of a value, beside spaces and tabs: printable ASCII, or all of latin1. */
export type ValueCharacters = 'ascii' | 'latin1'

const INVALID_VALUE: Readonly<Record<ValueCharacters, RegExp>> = {
  ascii: /[^\t -~]/,
  // "obs-text = %x80-FF"
  latin1: /[^\t -~\x80-\xff]/,
}

/**
 * Throws a TypeError for a field with an invalid name or value, or one whose lower-case name
 * `isOwned`. Values in ASCII, the default, are the same bytes in every encoding.
 */
export function checkFields(
  fields: readonly Field[],
  isOwned: (name: string) => boolean,
  characters: ValueCharacters = 'ascii',
): void {
  for (const [name, value] of fields) {
    if (!isToken(name)) {
      throw new TypeError(`a header name must be a token, not ${JSON.stringify(name)} (RFC 9110 §5.1)`)
    }
    // "Field values containing CR, LF, or NUL characters are invalid and dangerous"
    if (INVALID_VALUE[characters].test(value)) {
      const expected = characters === 'ascii' ? 'printable ASCII' : 'printable latin1'
      throw new TypeError(
        `the value of ${name} must be ${expected}, not ${JSON.stringify(value)} (RFC 9110 §5.5)`,
      )
    }
    if (isOwned(lowerCase(name))) {
      throw new TypeError(`header ${name} is set by the handshake itself (RFC 6455 §4)`)
    }
  }
}

/** Formats fields as header lines (RFC 9112 §5). */
export function formatFields(fields: readonly Field[]): string {
  let lines = ''
  for (const [name, value] of fields) lines += `${name}: ${value}\r\n`
  return lines
}
