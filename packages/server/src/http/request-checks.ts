// The checks of a request that depend on the HTTP server it was received by: its own servers have
// limits on a head and a default for the hosts, others are configured by their owner.

import type { Server } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { type HeadLimits, HostList } from '@ws/handshake'

/** Checks of a request besides those of the opening handshake. */
export interface RequestChecks {
  /** The hosts that are answered to. */
  readonly hosts: HostList
  /** The size of the head; `'none'` if the HTTP server has limits of its own. */
  readonly limits: HeadLimits | 'none'
  /** Whether the HTTP server is our own, which `close` ends with all responses in progress. */
  readonly isOwnServer: boolean
}

/** The checks of a request that a server of our own has received. */
export interface OwnChecks extends RequestChecks {
  readonly limits: HeadLimits
}

const ANY_HOST = new HostList('any')

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** For requests from an HTTP server of the application. */
export function sharedChecks(hosts: HostList | undefined): RequestChecks {
  return { hosts: hosts ?? ANY_HOST, limits: 'none', isOwnServer: false }
}

/**
 * For requests from a server of our own, which listens already; `names` are the hosts that were
 * passed to `listen`. On loopback, a page of any site can reach the server by a name of its own
 * that resolves to 127.0.0.1 (DNS rebinding). Behind a proxy, names are the proxy's business.
 */
export function ownChecks(
  server: Server,
  names: readonly string[],
  settings: { readonly hosts: HostList | undefined; readonly isBehindProxy: boolean } & HeadLimits,
): OwnChecks {
  const { hosts, isBehindProxy, maxHeadSize, maxFields, maxTargetLength } = settings
  return {
    hosts: hosts ?? (isBehindProxy || !isOnLoopback(server) ? ANY_HOST : localHosts(names)),
    limits: { maxHeadSize, maxFields, maxTargetLength },
    isOwnServer: true,
  }
}

function localHosts(names: readonly string[]): HostList {
  return new HostList(['local', ...names.filter(name => isIP(name) === 0)])
}

function isOnLoopback(server: Server): boolean {
  const address = server.address()
  if (address === null || typeof address === 'string') return false
  return LOOPBACK.check(address.address, isIPv6(address.address) ? 'ipv6' : 'ipv4')
}
