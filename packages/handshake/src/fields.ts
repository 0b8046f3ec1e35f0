// Header fields in general (RFC 9110 §5): looking them up in what came, checking those that are to go. Knows what no
// single field means.

import { isToken, lowerCase, trimWhitespace } from './tokens.ts'

/** One header field: its name and its value. */
export type Field = readonly [name: string, value: string]

/**
 * All values of a field in order of arrival, of a flat list (name, value, name, value, …); `name` is in lower case. To
 * look for the few names that matter takes less than to sort all there are (`pnpm bench handshakes`).
 */
export function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  const values: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (isNamed(rawHeaders[i]!, name)) values.push(trimWhitespace(rawHeaders[i + 1]!))
  }
  return values
}

/**
 * The value of a list field whose lines are joined by commas; undefined when there is no such field (RFC 9110 §5.3).
 */
export function joinValues(rawHeaders: readonly string[], name: string): string | undefined {
  let joined: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (!isNamed(rawHeaders[i]!, name)) continue
    const value = trimWhitespace(rawHeaders[i + 1]!)
    joined = joined === undefined ? value : `${joined}, ${value}`
  }
  return joined
}

// Most names differ in their length already.
function isNamed(given: string, name: string): boolean {
  return given.length === name.length && lowerCase(given) === name
}

/**
 * Throws a TypeError unless each of these fields may be written: a token as its name, printable ASCII, spaces and tabs
 * as its value (what we send is ASCII, so it is the same bytes in every encoding), and a name that `isOwned`, which is
 * given it in lower case, leaves to others.
 */
export function checkFields(fields: readonly Field[], isOwned: (name: string) => boolean): void {
  for (const [name, value] of fields) {
    if (!isToken(name)) {
      throw new TypeError(`a header name is a token, not ${JSON.stringify(name)} (RFC 9110 §5.1)`)
    }
    // "Field values containing CR, LF, or NUL characters are invalid and dangerous"
    if (/[^\t -~]/.test(value)) {
      throw new TypeError(
        `the value of ${name} must be printable ASCII, not ${JSON.stringify(value)} (RFC 9110 §5.5)`,
      )
    }
    if (isOwned(lowerCase(name))) {
      throw new TypeError(`${name} is not the caller's to write here (RFC 6455 §4)`)
    }
  }
}

/** The lines of a head after its first, each with its CRLF (RFC 9112 §5). */
export function formatFields(fields: readonly Field[]): string {
  let lines = ''
  for (const [name, value] of fields) lines += `${name}: ${value}\r\n`
  return lines
}
