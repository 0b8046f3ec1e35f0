// The server that a URL names, and the resource there (RFC 6455 §3).

import { Buffer } from 'node:buffer'

/** A server and a resource. */
export interface Target {
  /** Whether the connection is encrypted. */
  readonly isSecure: boolean
  /** A name or an address, IPv6 without brackets. */
  readonly hostname: string
  readonly port: number
  /** The path of a Unix socket, in place of the host and the port. */
  readonly socketPath: string | undefined
  /** `host[:port]` for Host: without a default port. */
  readonly host: string
  /** The path, as sent. */
  readonly path: string
  /** The query with its question mark, or an empty string. */
  readonly search: string
  /** The value of Authorization that the credentials in the URL stand for. */
  readonly authorization: string | undefined
  /** Equal for the resources of one server. For messages: it has no credentials. */
  readonly origin: string
}

const SCHEMES: ReadonlyMap<string, { readonly isSecure: boolean; readonly port: number }> = new Map([
  ['ws:', { isSecure: false, port: 80 }],
  ['http:', { isSecure: false, port: 80 }],
  ['wss:', { isSecure: true, port: 443 }],
  ['https:', { isSecure: true, port: 443 }],
])

/** Reads a URL of a WebSocket. Throws a `TypeError`, without the URL, for any other. */
export function parseTarget(given: string | URL): Target {
  const url = URL.parse(String(given))
  if (url === null) throw new TypeError('url must be an absolute URL, such as wss://example.com/chat')
  // "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used on
  // these URIs."
  if (url.hash !== '') throw new TypeError('url must not have a fragment (RFC 6455 §3)')
  return url.protocol === 'ws+unix:' ? unixTarget(url) : networkTarget(url)
}

/** The URL of a target with the scheme of HTTP, for cookies and redirects. */
export function httpUrl({ isSecure, host, path, search }: Target): string {
  return `${isSecure ? 'https' : 'http'}://${host}${path}${search}`
}

function networkTarget(url: URL): Target {
  const scheme = SCHEMES.get(url.protocol)
  if (scheme === undefined) {
    throw new TypeError(
      `url must begin with ws:, wss:, http:, https: or ws+unix:, not with ${JSON.stringify(url.protocol)}`,
    )
  }
  return {
    isSecure: scheme.isSecure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? scheme.port : Number(url.port),
    socketPath: undefined,
    host: url.host,
    path: url.pathname,
    search: url.search,
    authorization: basicAuthorization(url),
    origin: `${scheme.isSecure ? 'wss' : 'ws'}://${url.host}`,
  }
}

/** `ws+unix:///path/of/the.sock:/resource?query` */
function unixTarget(url: URL): Target {
  const colon = url.pathname.indexOf(':')
  const socketPath = decode(colon === -1 ? url.pathname : url.pathname.slice(0, colon))
  const path = colon === -1 ? '/' : url.pathname.slice(colon + 1)
  if (url.host !== '' || !socketPath.startsWith('/') || socketPath === '/' || !path.startsWith('/')) {
    throw new TypeError('a ws+unix: URL must name a socket and a path there: ws+unix:///run/app.sock:/chat')
  }
  return {
    isSecure: false,
    hostname: 'localhost',
    port: 80,
    socketPath,
    host: 'localhost',
    path,
    search: url.search,
    authorization: undefined,
    origin: `ws+unix://${socketPath}`,
  }
}

/**
 * The Basic authentication of a URL's credentials, in UTF-8 (RFC 7617), or undefined without. Text
 * that is not percent-encoded correctly is taken as it is.
 */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`
}

/** Decodes a part of a URL, or returns it as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
