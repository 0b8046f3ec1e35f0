// `host[:port]`, as in Host, an origin and an absolute target (RFC 3986 §3.2).

import { isIPv4, isIPv6 } from './addresses.ts'
import { lowerCase } from './tokens.ts'

/** A host in lower case, and its port if there is one. */
export interface Authority {
  readonly host: string
  readonly port: number | undefined
}

/** Most requests of a server name the same host, some of them twice (`pnpm bench handshakes`). */
let last: { readonly text: string; readonly authority: Authority | undefined } = {
  text: '',
  authority: undefined,
}

/**
 * Parses `host[:port]`. Undefined for other text, including user information (RFC 3986 §3.2, RFC
 * 9110 §7.2), and for a host that does not form a URL, such as `256.256.256.256` or one with
 * percent-encoding.
 */
export function parseAuthority(text: string): Authority | undefined {
  if (text !== last.text) last = { text, authority: parse(text) }
  return last.authority
}

function parse(text: string): Authority | undefined {
  const colon = text.indexOf(':', text.startsWith('[') ? text.indexOf(']') : 0)
  const host = lowerCase(colon === -1 ? text : text.slice(0, colon))
  const digits = colon === -1 ? '' : text.slice(colon + 1)
  if (!isHost(host) || /[^0-9]/.test(digits) || Number(digits) > 65535) return undefined
  return { host, port: digits === '' ? undefined : Number(digits) }
}

/** Whether a valid host, in lower case, is an IP address rather than a name. */
export function isAddress(host: string): boolean {
  return host.startsWith('[') || endsInNumber(host)
}

function isHost(text: string): boolean {
  if (text.startsWith('[')) return text.endsWith(']') && isIPv6(text.slice(1, -1))
  if (text === '' || /[^a-z0-9\-._~!$&'()*+,;=]/.test(text)) return false
  // "If the result of running ends in a number checker is true, then return the result of running
  // the IPv4 parser" (https://url.spec.whatwg.org/#host-parsing)
  if (endsInNumber(text)) return isIPv4(text.endsWith('.') ? text.slice(0, -1) : text)
  // Whether a label in Punycode can be decoded is in tables that every host has for its URLs.
  return !/(?:^|\.)xn--/.test(text) || URL.canParse(`ws://${text}`)
}

/** Whether the last label is a number, as it is in an IPv4 address. */
function endsInNumber(host: string): boolean {
  return /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$/.test(host)
}
