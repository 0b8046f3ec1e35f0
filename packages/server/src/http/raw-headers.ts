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

/** The fields as `Headers`. */
export function toHeaders(rawHeaders: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  return headers
}
