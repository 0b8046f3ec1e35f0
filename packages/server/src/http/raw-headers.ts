// Looks up fields in the raw headers of a request, and makes `Headers` of them.

import { trimOws } from './ows.ts'

/**
 * Whether there is such a field; with `element`, whether it lists that. Both in lower case. Most
 * names are told apart by their length (`pnpm bench handshakes`).
 */
export function hasField(rawHeaders: readonly string[], field: string, element?: string): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.length !== field.length || rawHeaders[i]!.toLowerCase() !== field) continue
    if (element === undefined || lists(rawHeaders[i + 1]!.toLowerCase(), element)) return true
  }
  return false
}

function lists(value: string, element: string): boolean {
  return value === element || value.split(',').some(one => trimOws(one) === element)
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/

/** The fields as `Headers`. Never throws, whatever a lenient parser has let through. */
export function toHeaders(rawHeaders: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name, value] = [rawHeaders[i]!, rawHeaders[i + 1]!]
    // "a recipient of CR, LF, or NUL within a field value MUST either reject the message or replace
    // each of those characters with SP" (RFC 9110 §5.5)
    if (TOKEN.test(name)) headers.append(name, value.replace(/[\0\r\n]/g, ' '))
  }
  return headers
}
