// Origins of web pages, and the policy that decides which of them may open a WebSocket (RFC 6455
// §4.2.2, §10.2).

import { parseAuthority } from './authority.ts'
import { lowerCase } from './tokens.ts'

/**
 * Pages that may connect: those of the same host (`'same-host'`), of any site (`'any'`, for a
 * service that does not use cookies), or of the listed origins, such as `https://example.com`.
 */
export type OriginPolicy = 'same-host' | 'any' | readonly string[]

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
])

/**
 * Normalizes an origin to lower case without a default port: `HTTPS://Example.COM:443` gives
 * `https://example.com`. Undefined if the text is not `scheme://host[:port]`, for example `null`
 * (RFC 6454 §6.2).
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
  const parsed = parseOrigin(origin)
  if (parsed === undefined) return false
  if (policy !== 'same-host') return policy.some(allowed => parseOrigin(allowed) === parsed)
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
    if (typeof origin !== 'string' || parseOrigin(origin) === undefined) {
      throw new TypeError(
        `an origin must be scheme://host[:port] without a path, not ${JSON.stringify(origin)} (RFC 6454 §6.2)`,
      )
    }
  }
}

function isScheme(text: string): boolean {
  return /^[a-z]/.test(text) && !/[^a-z0-9+\-.]/.test(text)
}
