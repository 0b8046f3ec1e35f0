// The URL of a proxy.

import { basicAuthorization, decode } from '../target.ts'
import type { Address } from './tcp.ts'

/** A proxy that opens TCP connections. */
export interface ProxyServer extends Address {
  /** Of the protocol that it speaks: CONNECT over TCP or over TLS, or SOCKS 5. */
  readonly kind: 'http' | 'https' | 'socks5'
  /** Whether the proxy looks names up. An HTTP proxy always does. */
  readonly resolvesNames: boolean
  /** The value of Proxy-Authorization. */
  readonly authorization: string | undefined
  readonly username: string
  readonly password: string
  /** For messages: it has no credentials. */
  readonly origin: string
}

const KINDS: ReadonlyMap<string, Pick<ProxyServer, 'kind' | 'resolvesNames' | 'port'>> = new Map([
  ['http:', { kind: 'http', resolvesNames: true, port: 80 }],
  ['https:', { kind: 'https', resolvesNames: true, port: 443 }],
  ['socks5:', { kind: 'socks5', resolvesNames: false, port: 1080 }],
  ['socks5h:', { kind: 'socks5', resolvesNames: true, port: 1080 }],
])

/** Reads the URL of a proxy. Throws a `TypeError` that calls it `name`, without the URL. */
export function parseProxy(name: string, given: string | URL): ProxyServer {
  const url = URL.parse(String(given))
  const kind = KINDS.get(url?.protocol ?? '')
  if (url === null || kind === undefined || url.hostname === '')
    throw new TypeError(`${name} must be an http:, https:, socks5: or socks5h: URL with a host`)
  const username = decode(url.username)
  const password = decode(url.password)
  if (kind.kind === 'socks5' && (isTooLong(username) || isTooLong(password)))
    throw new TypeError(`${name} must not have a user name or password above 255 bytes (RFC 1929 §2)`)
  return {
    ...kind,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? kind.port : Number(url.port),
    authorization: basicAuthorization(url),
    username,
    password,
    origin: `${url.protocol}//${url.host}`,
  }
}

function isTooLong(text: string): boolean {
  return Buffer.byteLength(text) > 255
}
