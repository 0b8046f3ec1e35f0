// The hosts that a server answers to. A page whose name was made to resolve to the address of the
// server (DNS rebinding) names its own host in Host and Origin: the origin is then the same host,
// and only this list tells that the request is for another server.

import { isIPv6 } from './addresses.ts'
import { isAddress, parseAuthority } from './authority.ts'
import { lowerCase } from './tokens.ts'

/**
 * Hosts that a request may be for: `'any'`, or a list of names (`app.example`; `*.app.example` for
 * all its subdomains, without itself), addresses, and `'local'`, which stands for `localhost`, its
 * subdomains and every IP address: names that no DNS server can point elsewhere.
 */
export type HostPolicy = 'any' | readonly string[]

/** A policy, ready to be asked. */
export class HostList {
  readonly #isAny: boolean
  readonly #hosts = new Set<string>()
  /** `.example.com` for `*.example.com`. */
  readonly #suffixes: string[] = []
  #hasAddresses = false

  /** Throws a TypeError that says what is accepted. */
  constructor(policy: HostPolicy) {
    this.#isAny = policy === 'any'
    if (policy === 'any') return
    if (!Array.isArray(policy)) {
      throw new TypeError(`hosts must be 'any' or a list of hosts, not ${JSON.stringify(policy)}`)
    }
    for (const entry of policy) this.#add(entry)
  }

  /** Whether it has this host (`host[:port]`, as in Host). The port does not count. */
  includes(authority: string): boolean {
    const parsed = parseAuthority(authority)
    if (parsed === undefined) return false
    if (this.#isAny) return true
    const host = withoutDot(parsed.host)
    if (isAddress(host)) return this.#hasAddresses || this.#hosts.has(new URL(`ws://${host}`).hostname)
    return this.#hosts.has(host) || this.#suffixes.some(suffix => isSubdomain(host, suffix))
  }

  #add(entry: unknown): void {
    if (entry === 'local') {
      this.#hasAddresses = true
      this.#hosts.add('localhost')
      this.#suffixes.push('.localhost')
      return
    }
    const isWildcard = typeof entry === 'string' && entry.startsWith('*.')
    const host = typeof entry === 'string' ? readHost(isWildcard ? entry.slice(2) : entry) : undefined
    if (host === undefined || (isWildcard && (isAddress(host) || host.startsWith('.')))) {
      throw new TypeError(
        `hosts lists names, *. and a name, addresses and 'local', without ports, not ${JSON.stringify(entry)}`,
      )
    }
    if (isWildcard) this.#suffixes.push(`.${host}`)
    else this.#hosts.add(host)
  }
}

/** Whether the labels before the suffix, which begins with a dot, are one or more. */
export function isSubdomain(host: string, suffix: string): boolean {
  return (
    host.endsWith(suffix) &&
    host
      .slice(0, -suffix.length)
      .split('.')
      .every(label => label !== '')
  )
}

/** A host of the list as URLs have it: `xn--bcher-kva.example` for `bücher.example`. */
function readHost(entry: string): string | undefined {
  if (entry === 'any' || /[\s*%@/?#\\]/.test(entry)) return undefined
  const text = isIPv6(lowerCase(entry)) ? `[${entry}]` : entry
  const hasPort = text.replace(/^\[.*\]/, '').includes(':')
  if (hasPort || !URL.canParse(`ws://${text}`)) return undefined
  const host = withoutDot(new URL(`ws://${text}`).hostname)
  return parseAuthority(host) && host
}

/** `example.com.` is the same name as `example.com` (RFC 1034 §3.1). */
function withoutDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host
}
