// Which web pages may open a WebSocket (RFC 6455 §4.2.2, §10.2): origins as browsers write them, and the policy that
// judges one. Knows no header field and resolves no name.

import { parseAuthority } from './authority.ts'
import { lowerCase } from './tokens.ts'

/**
 * Which pages may connect: those of the host they connect to (`'same-host'`), those of any site (`'any'`, for a service
 * that trusts no cookie), or those of the origins listed, each as a browser sends it: `https://example.com`.
 */
export type OriginPolicy = 'same-host' | 'any' | readonly string[]

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
])

/**
 * The origin in its one spelling, scheme and host in lower case and no default port: `HTTPS://Example.COM:443` gives
 * `https://example.com`. Undefined when the text is not `scheme://host[:port]`, so for `null` too (RFC 6454 §6.2).
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
 * Whether a page of this origin may connect to this host (`host[:port]`, as Host has it). An origin that cannot be read
 * is allowed by `'any'` only. Same host means the same name and port, where the origin's scheme settles the default
 * port: whether we stand behind a proxy that speaks TLS is not to be seen from here (RFC 6455 §10.2).
 */
export function isAllowedOrigin(origin: string, host: string, policy: OriginPolicy): boolean {
  if (policy === 'any') return true
  const parsed = parseOrigin(origin)
  if (parsed === undefined) return false
  if (policy !== 'same-host') return policy.some(allowed => parseOrigin(allowed) === parsed)
  const scheme = parsed.slice(0, parsed.indexOf('://'))
  return DEFAULT_PORTS.has(scheme) && parseOrigin(`${scheme}://${host}`) === parsed
}

/** Throws a TypeError when this is no policy, or lists something that no browser sends as an origin. */
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
        `an origin is scheme://host[:port] without a path, not ${JSON.stringify(origin)} (RFC 6454 §6.2)`,
      )
    }
  }
}

function isScheme(text: string): boolean {
  return /^[a-z]/.test(text) && !/[^a-z0-9+\-.]/.test(text)
}
