// `host[:port]`, as in Host, an origin and an absolute target (RFC 3986 §3.2).

import { lowerCase } from './tokens.ts'

/** A host in lower case, and its port if there is one. */
export interface Authority {
  readonly host: string
  readonly port: number | undefined
}

/**
 * Parses `host[:port]`. Undefined for other text, including user information (RFC 3986 §3.2, RFC
 * 9110 §7.2).
 */
export function parseAuthority(text: string): Authority | undefined {
  const colon = text.indexOf(':', text.startsWith('[') ? text.indexOf(']') : 0)
  const host = colon === -1 ? text : text.slice(0, colon)
  const digits = colon === -1 ? '' : text.slice(colon + 1)
  if (!isHost(host) || /[^0-9]/.test(digits) || Number(digits) > 65535) return undefined
  return { host: lowerCase(host), port: digits === '' ? undefined : Number(digits) }
}

function isHost(text: string): boolean {
  if (text.startsWith('[')) {
    return text.length > 3 && text.endsWith(']') && !/[^0-9A-Fa-f:.]/.test(text.slice(1, -1))
  }
  return text !== '' && !/[^A-Za-z0-9\-._~!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})/.test(text)
}
