// The proxy that the environment names for a server: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and
// NO_PROXY, as curl and others read them.

import { BlockList, isIP } from 'node:net'
import type { Target } from '../target.ts'
import { type ProxyServer, parseProxy } from './proxy.ts'

/** Names and values of variables. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The proxy for a server, or undefined. Throws a `TypeError` that names a wrong variable. */
export function proxyFromEnvironment(target: Target, environment: Environment): ProxyServer | undefined {
  const name = variablesFor(target, environment).find(variable => environment[variable])
  if (name === undefined || isExcluded(target, environment.no_proxy || environment.NO_PROXY || ''))
    return undefined
  const value = environment[name]!
  return parseProxy(name, /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`)
}

/** The variables to look at, the first first. */
function variablesFor({ isSecure }: Target, environment: Environment): readonly string[] {
  if (isSecure) return ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']
  // A CGI program gets the header `ProxyServer` of a request as HTTP_PROXY (CVE-2016-5385).
  const upperCase = environment.REQUEST_METHOD === undefined ? ['HTTP_PROXY'] : []
  return ['http_proxy', ...upperCase, 'all_proxy', 'ALL_PROXY']
}

/** Whether an element of NO_PROXY stands for this server. */
function isExcluded(target: Target, list: string): boolean {
  return list.split(/[\s,]+/).some(element => element !== '' && matches(element.toLowerCase(), target))
}

/**
 * `*`, an address, a range such as `10.0.0.0/8`, or a name, which stands for its subdomains too; a
 * name or address with a port stands for that port.
 */
function matches(element: string, { hostname, port }: Target): boolean {
  if (element === '*') return true
  const range = /^([0-9a-f.:]+)\/([0-9]+)$/.exec(element)
  if (range !== null) return isInRange(hostname, range[1]!, Number(range[2]))
  const [host, wanted] = splitPort(element)
  if (wanted !== undefined && wanted !== port) return false
  if (isIP(host) !== 0) return isInRange(hostname, host, isIP(host) === 4 ? 32 : 128)
  const name = host.replace(/^\*?\./, '')
  return hostname === name || hostname.endsWith(`.${name}`)
}

function splitPort(element: string): [host: string, port: number | undefined] {
  const bracketed = /^\[([^\]]+)\](?::([0-9]+))?$/.exec(element)
  if (bracketed !== null) return [bracketed[1]!, toPort(bracketed[2])]
  const colon = element.indexOf(':')
  // Several colons are an IPv6 address.
  if (colon === -1 || colon !== element.lastIndexOf(':')) return [element, undefined]
  return [element.slice(0, colon), toPort(element.slice(colon + 1))]
}

function toPort(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits)
}

function isInRange(hostname: string, network: string, prefix: number): boolean {
  const family = isIP(hostname)
  const longest = family === 4 ? 32 : 128
  if (family === 0 || family !== isIP(network) || prefix > longest) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const ranges = new BlockList()
  ranges.addSubnet(network, prefix, type)
  return ranges.check(hostname, type)
}
