// Our own HTTP server, on one or several addresses or on a Unix socket, with deadlines for clients
// that send no request.

import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { checkNames } from '@ws/connection/internal'
import { http } from './builtins.ts'
import { limitPipelining } from './pipelining.ts'
import { hasField } from './raw-headers.ts'
import { removeStale, withMode } from './socket-file.ts'

/** The default addresses: loopback, IPv4 and IPv6. */
export const LOOPBACK: readonly string[] = ['127.0.0.1', '::1']

/** Where to listen. */
export interface ListenOptions {
  /** From 0 to 65535; 0, the default, takes any free port. */
  readonly port?: number | undefined
  /** An address, a name, or several. By default loopback only, IPv4 and IPv6. */
  readonly host?: string | readonly string[] | undefined
  /**
   * The path of a Unix socket, or the name of a Windows pipe, instead of `port` and `host`. A socket
   * on which no process listens any more is replaced.
   */
  readonly path?: string | undefined
  /** The permissions of the Unix socket, such as `0o660`; by default those of the umask. */
  readonly mode?: number | undefined
  /**
   * Aborting it closes the server, as `close()` does, or makes a pending `listen` reject with its
   * reason.
   */
  readonly signal?: AbortSignal | undefined
}

/** Where a server listens. */
export interface Listening {
  /**
   * `ws://localhost:3000`, for example: the first address, without a slash at the end. For a Unix
   * socket `ws+unix:` and its path.
   */
  readonly url: string
  /** 0 for a Unix socket. */
  readonly port: number
  /** One or several addresses of the machine, or the path of the Unix socket. */
  readonly addresses: readonly string[]
}

/** All addresses of the machine: connect to one of them. */
const WILDCARDS: readonly string[] = ['0.0.0.0', '::']

/** Milliseconds for a request's head, and for the whole request. */
const HEAD_TIMEOUT = 10_000
const REQUEST_TIMEOUT = 30_000
/** Milliseconds between two checks of these deadlines. */
const CHECK_INTERVAL = 1000

const HTTP_OPTIONS: ServerOptions & { shouldUpgradeCallback(request: IncomingMessage): boolean } = {
  headersTimeout: HEAD_TIMEOUT,
  requestTimeout: REQUEST_TIMEOUT,
  connectionsCheckingInterval: CHECK_INTERVAL,
  // "A server MAY ignore a received Upgrade header field if it wishes to continue using the current
  // protocol" (RFC 9110 §7.8): a request to upgrade to HTTP/2 gets the page. Supported from Node
  // 24.9 on; before, such a request is answered 426. Using `headers` would create them for this
  // alone (`pnpm bench handshakes`).
  shouldUpgradeCallback: ({ rawHeaders }) => hasField(rawHeaders, 'upgrade', 'websocket'),
}

/** Node's own limit on the number of fields. */
const NODE_MAX_FIELDS = 1000

/** Attempts to find a port that is free on all addresses. */
const ATTEMPTS = 20

/** A Unix socket or a Windows pipe. */
export interface SocketFile {
  readonly path: string
  readonly mode: number | undefined
}

/** Throws a `TypeError` or a `RangeError` that says what is accepted. */
export function resolveListenOptions(where: number | ListenOptions): {
  readonly port: number
  readonly hosts: readonly string[]
  readonly file: SocketFile | undefined
  readonly signal: AbortSignal | undefined
} {
  const options = typeof where === 'number' ? { port: where } : where
  checkNames(options, ['port', 'host', 'path', 'mode', 'signal'])
  const { port = 0, host = LOOPBACK, path, mode, signal }: ListenOptions = options
  if (path !== undefined && (typeof path !== 'string' || path === ''))
    throw new TypeError('path must be that of a Unix socket or a Windows pipe')
  if (path !== undefined && (options.port !== undefined || options.host !== undefined))
    throw new TypeError('path and port or host exclude each other')
  if (mode !== undefined && path === undefined) throw new TypeError('mode is for path')
  if (mode !== undefined && !(Number.isInteger(mode) && mode >= 0 && mode <= 0o777))
    throw new RangeError(`mode must be an integer from 0 to 0o777, got ${JSON.stringify(mode)}`)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(`port must be an integer from 0 to 65535, got ${JSON.stringify(port)}`)
  const hosts: readonly string[] = typeof host === 'string' ? [host] : host
  // Node would take an empty name for all addresses of the machine.
  const areHosts = Array.isArray(hosts) && hosts.every(name => typeof name === 'string' && name !== '')
  if (!areHosts || hosts.length === 0)
    throw new TypeError('host must be an address or a name, or a list of some')
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError('signal must be an AbortSignal')
  return { port, hosts, file: path === undefined ? undefined : { path, mode }, signal }
}

/** The URL, port and addresses of servers that listen on these hosts. */
export function describeListening(
  servers: readonly Server[],
  hosts: readonly string[],
  file?: SocketFile,
): Listening {
  if (file !== undefined) return { url: `ws+unix:${file.path}`, port: 0, addresses: [file.path] }
  const addresses = addressesOf(servers)
  const { port } = addresses[0]!
  const isLocal = hosts === LOOPBACK || WILDCARDS.includes(hosts[0]!)
  const name = isLocal ? 'localhost' : isIPv6(hosts[0]!) ? `[${hosts[0]}]` : hosts[0]
  return { url: `ws://${name}:${port}`, port, addresses: addresses.map(({ address }) => address) }
}

/** Answers an ordinary request that `server` has received. */
export type OwnRequestListener = (request: IncomingMessage, response: ServerResponse, server: Server) => void

/** What the head of a request may have. */
interface OwnServerLimits {
  readonly maxHeadSize: number
  readonly maxFields: number
}

const DEFAULT_LIMITS: OwnServerLimits = { maxHeadSize: 16 * 1024, maxFields: 100 }

/**
 * Listens on `port` (0 for any free port) of each address. An IPv6 address that the machine lacks
 * is left out if there is another. Rejects as `net.Server.listen` does: `EADDRINUSE`, `EACCES` …
 */
export async function listenOn(
  hosts: readonly string[],
  port: number,
  request: OwnRequestListener,
  limits: OwnServerLimits = DEFAULT_LIMITS,
): Promise<Server[]> {
  for (let attempt = 1; ; attempt++) {
    const servers: Server[] = []
    try {
      for (const host of hosts) {
        const server = createServer(request, limits)
        await listenOnNext(servers, server, host, port, hosts.length > 1)
      }
      return servers
    } catch (error) {
      await closeServers(servers)
      // The port that is free on the first address may be in use on the second.
      if (port !== 0 || servers.length === 0 || attempt === ATTEMPTS || codeOf(error) !== 'EADDRINUSE')
        throw error
    }
  }
}

/** Listens on a Unix socket or a Windows pipe. Rejects as `net.Server.listen` does. */
export async function listenOnFile(
  { path, mode }: SocketFile,
  request: OwnRequestListener,
  limits: OwnServerLimits = DEFAULT_LIMITS,
): Promise<Server[]> {
  const server = createServer(request, limits)
  const bind = (): Promise<void> =>
    listening(server, () => withMode(path, mode, () => void server.listen({ path })))
  try {
    await bind()
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || !(await removeStale(path))) throw error
    await bind()
  }
  return [server]
}

/** Stops listening, and ends idle connections. */
export async function closeServers(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(server => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeIdleConnections()
      return closed
    }),
  )
}

/** The addresses that these servers listen on. */
export function addressesOf(servers: readonly Server[]): AddressInfo[] {
  return servers.map(server => server.address() as AddressInfo)
}

function createServer(request: OwnRequestListener, { maxHeadSize, maxFields }: OwnServerLimits): Server {
  const server = http.createServer({ ...HTTP_OPTIONS, maxHeaderSize: maxHeadSize })
  server.maxHeadersCount = Math.max(NODE_MAX_FIELDS, maxFields + 1)
  server.on(
    'request',
    limitPipelining((message, response) => request(message, response, server)),
  )
  server.on('checkExpectation', limitPipelining(rejectExpectation))
  return server
}

async function listenOnNext(
  servers: Server[],
  server: Server,
  host: string,
  port: number,
  ipv6Only: boolean,
): Promise<void> {
  const [first] = addressesOf(servers)
  try {
    await listening(server, () => void server.listen({ host, port: first?.port ?? port, ipv6Only }))
    servers.push(server)
  } catch (error) {
    const missing = codeOf(error) === 'EADDRNOTAVAIL' || codeOf(error) === 'EAFNOSUPPORT'
    if (!missing || !isIPv6(host) || servers.length === 0) throw error
  }
}

/** As Node does by itself (RFC 9110 §10.1.1). */
function rejectExpectation(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(417).end()
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const onListening = (): void => {
      server.off('error', onError)
      resolve()
    }
    const onError = (error: Error): void => {
      server.off('listening', onListening)
      reject(error)
    }
    server.once('listening', onListening)
    server.once('error', onError)
    listen()
  })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
