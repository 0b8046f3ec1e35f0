// The prefix by which the addresses of clients are told apart. An IPv6 host commonly has a whole
// /64 to itself.

import { isIPv6 } from 'node:net'

/** All of an IPv4 address, or the first 64 bits of an IPv6 address. */
export function addressPrefix(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped?.[1] ?? `${network(address).join(':')}::/64`
}

/** The first four groups of an IPv6 address, without leading zeros. */
function network(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const last =
    tail === undefined || tail === ''
      ? 0
      : tail.split(':').reduce((n, group) => n + (group.includes('.') ? 2 : 1), 0)
  // "::" stands for as many zeros as are missing from eight groups.
  if (tail !== undefined) while (groups.length + last < 8) groups.push('0')
  const all = tail === undefined || tail === '' ? groups : [...groups, ...tail.split(':')]
  return all.slice(0, 4).map(group => Number.parseInt(group, 16).toString(16))
}
