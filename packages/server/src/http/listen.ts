// An HTTP server of our own, on one or several addresses of the machine, with deadlines for those who send no request.

import type { IncomingMessage, RequestListener, Server, ServerOptions } from 'node:http'
import { type AddressInfo, isIPv6, type ListenOptions } from 'node:net'
import { http } from './builtins.ts'
import { hasField } from './raw-headers.ts'

/** Loopback of both families: what a server listens on unless it is told otherwise. */
export const LOOPBACK: readonly string[] = ['127.0.0.1', '::1']

/** Milliseconds for a request's head, and for the whole request. */
const HEAD_TIMEOUT = 10_000
const REQUEST_TIMEOUT = 30_000
/** How often those are looked at. */
const CHECK_INTERVAL = 1000

const HTTP_OPTIONS: ServerOptions & { shouldUpgradeCallback(request: IncomingMessage): boolean } = {
  headersTimeout: HEAD_TIMEOUT,
  requestTimeout: REQUEST_TIMEOUT,
  connectionsCheckingInterval: CHECK_INTERVAL,
  maxHeaderSize: 16 * 1024,
  // "A server MAY ignore a received Upgrade header field if it wishes to continue using the current protocol" (RFC 9110 §7.8):
  // who asks for HTTP/2 gets the page. Node looks at this from 24.9 on; before, such a request is answered 426.
  // The raw fields are there already: `headers` would be made for this alone (`pnpm bench handshakes`).
  shouldUpgradeCallback: ({ rawHeaders }) => hasField(rawHeaders, 'upgrade', 'websocket'),
}

/** How often a port is asked for that is free on both families. */
const ATTEMPTS = 20

/**
 * Listens on `port` (0: any that is free) of each of these addresses. An IPv6 address that the machine does not have is left
 * out, as long as there is another. Rejects as `net.Server.listen` does: `EADDRINUSE`, `EACCES` …
 */
export async function listenOn(
  hosts: readonly string[],
  port: number,
  request: RequestListener,
): Promise<Server[]> {
  // Of the empty name Node would make all addresses of the machine.
  if (hosts.length === 0 || hosts.some(host => typeof host !== 'string' || host === ''))
    throw new TypeError('host must be an address or a name, or a list of some')
  for (let attempt = 1; ; attempt++) {
    const servers: Server[] = []
    try {
      for (const host of hosts) await listenOnNext(servers, host, port, request, hosts.length > 1)
      return servers
    } catch (error) {
      await closeServers(servers)
      // The free port that the first address gave may be taken on the second.
      if (port !== 0 || servers.length === 0 || attempt === ATTEMPTS || codeOf(error) !== 'EADDRINUSE')
        throw error
    }
  }
}

/** Stops listening, and ends connections that are between two requests. */
export async function closeServers(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(server => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeIdleConnections()
      return closed
    }),
  )
}

/** The port and the addresses that these servers listen on. */
export function addressesOf(servers: readonly Server[]): AddressInfo[] {
  return servers.map(server => server.address() as AddressInfo)
}

async function listenOnNext(
  servers: Server[],
  host: string,
  port: number,
  request: RequestListener,
  ipv6Only: boolean,
): Promise<void> {
  const [first] = addressesOf(servers)
  const server = http.createServer(HTTP_OPTIONS, request)
  try {
    await listening(server, { host, port: first?.port ?? port, ipv6Only })
    servers.push(server)
  } catch (error) {
    const missing = codeOf(error) === 'EADDRNOTAVAIL' || codeOf(error) === 'EAFNOSUPPORT'
    if (!missing || !isIPv6(host) || servers.length === 0) throw error
  }
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
