// Finds the address of a client behind proxies, in X-Forwarded-For. That header has no RFC; nginx,
// HAProxy, Envoy and cloud load balancers all append the address that they were called from.
//
// RFC 7239's Forwarded is not read. A proxy that appends to X-Forwarded-For forwards a Forwarded
// header unchanged, so trusting either of them would mean trusting the client.

import { BlockList, isIP, isIPv4, isIPv6, SocketAddress } from 'node:net'
import { trimOws } from './ows.ts'

/** Names of ranges: this machine, and private networks (RFC 1918 §3, RFC 4193 §3.1). */
const NAMED_RANGES: ReadonlyMap<string, readonly string[]> = new Map([
  ['loopback', ['127.0.0.0/8', '::1']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
  ['unix', []],
])

/** Longer than any address with brackets and a port. */
const LONGEST_ENTRY = 128

/** The proxies whose X-Forwarded-For is honored. */
export class TrustedProxies {
  // A `BlockList` is a set of addresses; nothing is blocked here. One for each family, so that
  // '::/0' does not include IPv4.
  readonly #ipv4 = new BlockList()
  readonly #ipv6 = new BlockList()
  /** Whether connections without an address are trusted, as those over a Unix socket are. */
  readonly #trustsUnix: boolean
  /** Whether none is listed. */
  readonly isEmpty: boolean

  /**
   * `trustProxy` lists addresses and ranges, IPv4 and IPv6 (`'192.0.2.7'`, `'2001:db8::/32'`),
   * `'loopback'`, `'private'` (which are all of 10/8, 172.16/12, 192.168/16 and fc00::/7) and
   * `'unix'`, which is every connection over a Unix socket or a pipe. List no range that clients
   * come from: they would choose their address themselves. Throws a `TypeError` or a `RangeError`
   * that says what is accepted.
   */
  constructor(trustProxy: readonly string[]) {
    if (!Array.isArray(trustProxy)) {
      throw new TypeError(
        "trustProxy must be a list of addresses, ranges such as '10.0.0.0/8', 'loopback', 'private' and 'unix'",
      )
    }
    this.isEmpty = trustProxy.length === 0
    this.#trustsUnix = trustProxy.includes('unix')
    for (const entry of trustProxy) for (const range of NAMED_RANGES.get(entry) ?? [entry]) this.#add(range)
  }

  #add(range: unknown): void {
    const [, text = '', length] =
      (typeof range === 'string' && /^([^/%]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(range)) || []
    const address = plainAddress(text)
    if (address === undefined) {
      throw new TypeError(
        `trustProxy lists addresses, ranges such as '10.0.0.0/8', 'loopback', 'private' and 'unix', not ${JSON.stringify(range)}`,
      )
    }
    const [list, family, bits] = isIPv4(address)
      ? ([this.#ipv4, 'ipv4', 32] as const)
      : ([this.#ipv6, 'ipv6', 128] as const)
    // The first 96 bits of an IPv4-mapped IPv6 address do not count.
    const written = isIPv6(text) ? 128 : 32
    const prefix = length === undefined ? bits : Number(length) - (written - bits)
    if (prefix < 0 || prefix > bits)
      throw new RangeError(`the prefix of ${range} must be from ${written - bits} to ${written}`)
    list.addSubnet(address, prefix, family)
  }

  /**
   * Whether this is the address of a listed proxy, or an empty one, which that of a Unix socket is.
   * Returns false for an invalid address.
   */
  trusts(address: string): boolean {
    if (address === '') return this.#trustsUnix
    const plain = plainAddress(address)
    if (plain === undefined) return false
    return isIPv4(plain) ? this.#ipv4.check(plain, 'ipv4') : this.#ipv6.check(plain, 'ipv6')
  }

  /** An address; an empty one for `unix:`, as nginx writes it behind a Unix socket. */
  #readHop(line: string, start: number, end: number): string | undefined {
    const isUnix = this.#trustsUnix && trimOws(line.slice(start, end)) === 'unix:'
    return isUnix ? '' : readEntry(line, start, end)
  }

  /**
   * The address of the client: `remoteAddress`, the other end of the TCP connection, unless that is
   * a trusted proxy. Then the last address in X-Forwarded-For that is not trusted, because
   * everything before it may be forged, or the first if all are trusted. An invalid entry
   * (`unknown`, or empty) ends the search at the proxy that wrote it. Addresses from the header are
   * returned without port and zone, IPv4-mapped ones as IPv4. Never throws.
   */
  clientAddress(remoteAddress: string, rawHeaders: readonly string[]): string {
    if (this.isEmpty) return remoteAddress
    let hop = remoteAddress
    if (!this.trusts(hop)) return hop
    for (const line of forwardedFor(rawHeaders).reverse()) {
      for (let end = line.length; end >= 0; ) {
        const comma = end === 0 ? -1 : line.lastIndexOf(',', end - 1)
        const address = this.#readHop(line, comma + 1, end)
        if (address === undefined) return hop
        hop = address
        if (!this.trusts(hop)) return hop
        end = comma
      }
    }
    return hop
  }
}

/** The lines of X-Forwarded-For; several are one list (RFC 9110 §5.3). */
function forwardedFor(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === 'x-forwarded-for')
}

/**
 * The address in `192.0.2.7`, `192.0.2.7:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
 */
function readEntry(line: string, start: number, end: number): string | undefined {
  if (end - start > LONGEST_ENTRY) return undefined
  const entry = trimOws(line.slice(start, end))
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(entry)?.[1]
  if (bracketed !== undefined) return isIPv6(bracketed) ? plainAddress(bracketed) : undefined
  return plainAddress(/^([\d.]+):\d{1,5}$/.exec(entry)?.[1] ?? entry)
}

/** The canonical form of an address, without zone; IPv4-mapped IPv6 as IPv4 (RFC 4291 §2.5.5.2). */
function plainAddress(text: string): string | undefined {
  if (isIP(text) !== 6) return isIPv4(text) ? text : undefined
  const [zoneless = ''] = text.split('%', 1)
  const { address } = new SocketAddress({ address: zoneless, family: 'ipv6' })
  const mapped = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : ''
  return isIPv4(mapped) ? mapped : address
}
