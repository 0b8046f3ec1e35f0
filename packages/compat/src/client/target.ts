// The URL of a client: its checks, and the options of the HTTP request for it.

import type { RequestOptions } from 'node:http'

/** A valid URL. Its scheme is `ws:`, `wss:` or `ws+unix:`. */
export interface Target {
  readonly url: URL
  readonly isSecure: boolean
  /** The path of a Unix socket or a Windows pipe. */
  readonly socketPath: string | undefined
}

const PROTOCOLS: ReadonlySet<string> = new Set(['ws:', 'wss:', 'ws+unix:'])

/** Reads a URL. Throws a `SyntaxError` for one that a WebSocket cannot have. */
export function readTarget(address: string | URL): Target {
  const url = parse(address)
  if (url.protocol === 'http:') url.protocol = 'ws:'
  else if (url.protocol === 'https:') url.protocol = 'wss:'
  if (!PROTOCOLS.has(url.protocol)) {
    throw new SyntaxError(
      'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"',
    )
  }
  const isUnix = url.protocol === 'ws+unix:'
  if (isUnix && url.pathname === '') throw new SyntaxError('The pathname of a ws+unix: URL must not be empty')
  // "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used on
  // these URIs." (RFC 6455 §3)
  if (url.hash !== '') throw new SyntaxError('The URL must not have a fragment identifier')
  return {
    url,
    isSecure: url.protocol === 'wss:',
    socketPath: isUnix ? url.pathname.split(':', 1)[0] : undefined,
  }
}

/** The options of a request that follow from the URL. */
export function requestTarget({ url, isSecure, socketPath }: Target): RequestOptions {
  const { username, password, pathname, search, hostname, port } = url
  const auth = username || password ? { auth: `${decode(username)}:${decode(password)}` } : undefined
  if (socketPath !== undefined) {
    const path = pathname.slice(socketPath.length + 1) || '/'
    return { ...auth, socketPath, path: `${path}${search}` }
  }
  return {
    ...auth,
    defaultPort: isSecure ? 443 : 80,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port || (isSecure ? 443 : 80),
    path: `${pathname}${search}`,
  }
}

function parse(address: string | URL): URL {
  try {
    return new URL(address)
  } catch {
    throw new SyntaxError(`Invalid URL: ${address}`)
  }
}

/** Text that is not percent-encoded correctly is taken as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
