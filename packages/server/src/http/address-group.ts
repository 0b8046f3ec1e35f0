// Groups network addresses that one host or one customer commonly controls.

import { isIPv6 } from 'node:net'

/**
 * The part of an address that a limit per address should count: an IPv4 address as it is, an
 * IPv4-mapped IPv6 address as IPv4 (RFC 4291 §2.5.5.2), any other IPv6 address as its prefix
 * (`2001:db8:1:2::/64`). `prefix` is 64, which one host commonly has to itself, or 48, which one
 * customer may have (RFC 6177 §2). All spellings of an address give the same text, with or without
 * a zone. A text that is not an address is returned as it is.
 *
 * ```ts
 * const attempts = new Map<string, number>()
 * const group = addressGroup(socket.remoteAddress)
 * attempts.set(group, (attempts.get(group) ?? 0) + 1)
 * ```
 */
export function addressGroup(address: string, prefix: 48 | 64 = 64): string {
  if (!isIPv6(address)) return address
  const groups = groupsOf(address)
  const [last = 0, beforeLast = 0] = groups.slice(6).reverse()
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xff_ff)
    return [beforeLast >> 8, beforeLast & 0xff, last >> 8, last & 0xff].join('.')
  const network = groups.slice(0, prefix / 16).map(group => group.toString(16))
  return `${network.join(':')}::/${prefix}`
}

/** The eight 16-bit groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [zoneless = ''] = address.split('%', 1)
  const [head = '', tail = ''] = zoneless.split('::')
  const [before, after] = [readGroups(head), readGroups(tail)]
  // "::" stands for as many zeros as are missing from eight groups.
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

function readGroups(text: string): number[] {
  if (text === '') return []
  return text
    .split(':')
    .flatMap(group => (group.includes('.') ? readIPv4(group) : Number.parseInt(group, 16)))
}

/** An IPv4 address at the end of an IPv6 one is its last two groups. */
function readIPv4(text: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}
