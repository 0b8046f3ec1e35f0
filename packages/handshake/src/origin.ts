// Origins of web pages, and the policy that decides which of them may open a WebSocket (RFC 6455
// §4.2.2, §10.2).

import { parseAuthority } from './authority.ts'
import { isSubdomain } from './hosts.ts'
import { lowerCase } from './tokens.ts'

/**
 * Pages that may connect: those of the same host (`'same-host'`), of any site (`'any'`, for a
 * service that does not use cookies), or of the listed origins: `https://example.com`, or
 * `https://*.example.com` for all subdomains of `example.com`, without itself. `file://` is the
 * origin of pages from files (Cordova, Electron). `null` is that of sandboxed frames, which every
 * site can create: to list it is to accept any site.
 */
export type OriginPolicy = 'same-host' | 'any' | readonly string[]

/** Origins without a host, which are compared as they are (RFC 6454 §6.1). */
const HOSTLESS: ReadonlySet<string> = new Set(['null', 'file://'])

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
])

/**
 * Normalizes an origin to lower case without a default port: `HTTPS://Example.COM:443` gives
 * `https://example.com`. Undefined if the text is not `scheme://host[:port]`: for example `null`
 * and `file://` (RFC 6454 §6.2).
 */
export function parseOrigin(text: string): string | undefined {
  const end = text.indexOf('://')
  const scheme = lowerCase(text.slice(0, Math.max(end, 0)))
  const authority = parseAuthority(text.slice(end + 3))
  if (authority === undefined || !isScheme(scheme)) return undefined
  const { host, port } = authority
  return port === undefined || port === DEFAULT_PORTS.get(scheme)
    ? `${scheme}://${host}`
    : `${scheme}://${host}:${port}`
}

/**
 * Whether a page of this origin may connect to this host (`host[:port]`, as in Host). An invalid
 * origin is allowed by `'any'` only. `'same-host'` compares name and port. The default port follows
 * from the origin's scheme, because TLS may end at a proxy (RFC 6455 §10.2).
 */
export function isAllowedOrigin(origin: string, host: string, policy: OriginPolicy): boolean {
  if (policy === 'any') return true
  if (HOSTLESS.has(origin)) return policy !== 'same-host' && policy.includes(origin)
  const parsed = parseOrigin(origin)
  if (parsed === undefined) return false
  if (policy !== 'same-host') return policy.some(allowed => matches(parsed, allowed))
  const scheme = parsed.slice(0, parsed.indexOf('://'))
  return DEFAULT_PORTS.has(scheme) && parseOrigin(`${scheme}://${host}`) === parsed
}

/** Throws a TypeError for an invalid policy, or for an invalid origin in its list. */
export function checkOriginPolicy(policy: OriginPolicy): void {
  if (policy === 'same-host' || policy === 'any') return
  if (!Array.isArray(policy)) {
    throw new TypeError(
      `origin must be 'same-host', 'any' or a list of origins, not ${JSON.stringify(policy)} (RFC 6455 §10.2)`,
    )
  }
  for (const origin of policy) {
    if (typeof origin !== 'string' || !isListable(origin)) {
      throw new TypeError(
        `an origin must be scheme://host[:port] without a path, with *. as its first label at most, 'file://' or 'null', not ${JSON.stringify(origin)} (RFC 6454 §6.2)`,
      )
    }
  }
}

function isListable(origin: string): boolean {
  if (HOSTLESS.has(origin)) return true
  const wildcard = splitWildcard(origin)
  if (wildcard === undefined) return !origin.includes('*') && parseOrigin(origin) !== undefined
  const { scheme, host } = wildcard
  const isName =
    !host.startsWith('.') && !host.includes('*') && parseOrigin(`${scheme}://${host}`) !== undefined
  // A letter in place of the wildcard: an address has no subdomains, and `a.127.0.0.1` is invalid.
  return isName && parseOrigin(`${scheme}://a.${host}`) !== undefined
}

/** Whether a normalized origin is the listed one, or one of its subdomains if that has `*.`. */
function matches(parsed: string, allowed: string): boolean {
  const wildcard = splitWildcard(allowed)
  if (wildcard === undefined) return parseOrigin(allowed) === parsed
  // Without its wildcard, the listed origin has the same scheme and port as its subdomains.
  const apex = parseOrigin(`${wildcard.scheme}://${wildcard.host}`)
  const prefix = `${lowerCase(wildcard.scheme)}://`
  if (apex === undefined || !parsed.startsWith(prefix)) return false
  return isSubdomain(parsed.slice(prefix.length), `.${apex.slice(prefix.length)}`)
}

/** `https` and `example.com` for `https://*.example.com`. */
function splitWildcard(origin: string): { readonly scheme: string; readonly host: string } | undefined {
  const at = origin.indexOf('://*.')
  return at === -1 ? undefined : { scheme: origin.slice(0, at), host: origin.slice(at + '://*.'.length) }
}

function isScheme(text: string): boolean {
  return /^[a-z]/.test(text) && !/[^a-z0-9+\-.]/.test(text)
}
