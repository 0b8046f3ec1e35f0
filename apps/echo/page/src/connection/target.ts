// Where the page connects to. It is in the page's own address, so that a set-up can be shared.

import { hostUrl } from './observer.ts'

/** An address, and subprotocols. */
export interface Target {
  /** A path of this server, or an address that begins with `ws:` or `wss:`. */
  readonly address: string
  readonly protocols: readonly string[]
}

/** Messages are not compressed, so that their bytes can be read. */
const DEFAULT_ADDRESS = '/?compress=off'

/** The target in the page's address. */
export function readTarget(): Target {
  const given = new URLSearchParams(location.search)
  return parseTarget(given.get('to') ?? DEFAULT_ADDRESS, given.get('protocols') ?? '')
}

/** The target of two texts as a person types them. */
export function parseTarget(address: string, protocols: string): Target {
  const trimmed = address.trim()
  const isAddress = trimmed.startsWith('/') || /^wss?:/i.test(trimmed)
  return {
    address: isAddress ? trimmed : `/${trimmed}`,
    protocols: protocols.split(/[\s,]+/).filter(name => name !== ''),
  }
}

/** Puts a target into the page's address. */
export function writeTarget({ address, protocols }: Target): void {
  const given = new URLSearchParams()
  if (address !== DEFAULT_ADDRESS) given.set('to', address)
  if (protocols.length > 0) given.set('protocols', protocols.join(','))
  history.replaceState(null, '', given.size === 0 ? '/' : `/?${given}`)
}

/** The whole address. */
export function urlOf({ address }: Target): string {
  return address.startsWith('/') ? `${hostUrl()}${address}` : address
}

/** Whether the target is a path of this server, whose frames can be recorded. */
export function isHere(target: Target): boolean {
  const base = `${hostUrl()}/`
  return URL.canParse(urlOf(target)) && new URL(urlOf(target)).href.startsWith(base)
}

/** The address that asks this server to record the connection. */
export function observedUrl(target: Target, id: string): string {
  const [url = '', fragment] = urlOf(target).split('#')
  const joined = `${url}${url.includes('?') ? '&' : '?'}inspect=${id}`
  return fragment === undefined ? joined : `${joined}#${fragment}`
}

/** Whether the path echoes what it is sent. */
export function isEcho(target: Target): boolean {
  return isHere(target) && new URL(urlOf(target)).pathname === '/'
}
