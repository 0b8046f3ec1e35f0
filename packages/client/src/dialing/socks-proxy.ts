// Opens a connection through a SOCKS 5 proxy (RFC 1928), with a user name and password (RFC 1929)
// where it asks for them.

import { Buffer } from 'node:buffer'
import { lookup as lookupName } from 'node:dns'
import { isIP, type TcpNetConnectOpts } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Attempt } from '../attempt.ts'
import { ConnectError } from '../errors.ts'
import { TransportReader } from '../http/transport-reader.ts'
import type { Target } from '../target.ts'
import type { ProxyServer } from './proxy.ts'
import { describe } from './tcp.ts'

const VERSION = 5
const NO_AUTHENTICATION = 0
const PASSWORD = 2
const CONNECT = 1
const IPV4 = 1
const NAME = 3
const IPV6 = 4

/** RFC 1928 §6. */
const REPLIES: ReadonlyMap<number, string> = new Map([
  [1, 'general failure'],
  [2, 'not allowed by its rules'],
  [3, 'network unreachable'],
  [4, 'host unreachable'],
  [5, 'connection refused'],
  [6, 'time to live expired'],
  [7, 'command not supported'],
  [8, 'address type not supported'],
])

type Lookup = TcpNetConnectOpts['lookup']

/**
 * Makes the proxy at the other end of `transport` connect it to the server. Rejects with a
 * `ConnectError`.
 */
export async function openSocksTunnel(
  transport: Duplex,
  proxy: ProxyServer,
  target: Target,
  attempt: Attempt,
  lookup: Lookup,
): Promise<void> {
  const reader = new TransportReader(transport)
  try {
    await authenticate(transport, reader, proxy)
    const host = proxy.resolvesNames ? target.hostname : await resolve(target.hostname, attempt, lookup)
    transport.write(connectRequest(host, target.port))
    await readReply(reader)
  } catch (cause) {
    throw new ConnectError(
      `the proxy ${proxy.origin} did not connect to ${target.origin}: ${describe(cause)}`,
      {
        code: 'ERR_WS_PROXY_FAILED',
        cause,
      },
    )
  }
}

async function authenticate(transport: Duplex, reader: TransportReader, proxy: ProxyServer): Promise<void> {
  const { username, password } = proxy
  const methods = username === '' ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, PASSWORD]
  transport.write(Buffer.from([VERSION, methods.length, ...methods]))
  const [version, method] = await reader.readExactly(2)
  if (version !== VERSION) throw new Error('it does not speak SOCKS 5 (RFC 1928 §3)')
  if (method === NO_AUTHENTICATION) return
  if (method !== PASSWORD || username === '') {
    throw new Error(
      username === '' ? 'it requires authentication' : 'it does not accept a user name and password',
    )
  }
  transport.write(Buffer.concat([Buffer.from([1]), counted(username), counted(password)]))
  const [, status] = await reader.readExactly(2)
  if (status !== 0) throw new Error('it rejected the user name and password (RFC 1929 §2)')
}

function connectRequest(host: string, port: number): Buffer {
  const command = Buffer.from([VERSION, CONNECT, 0])
  return Buffer.concat([command, encodeHost(host), Buffer.from([port >>> 8, port & 0xff])])
}

function encodeHost(host: string): Buffer {
  const family = isIP(host)
  if (family === 4) return Buffer.from([IPV4, ...host.split('.').map(Number)])
  if (family === 6) return Buffer.concat([Buffer.from([IPV6]), encodeIPv6(host)])
  return Buffer.concat([Buffer.from([NAME]), counted(host)])
}

/** The 16 bytes of an address that `isIP` accepts. */
function encodeIPv6(address: string): Buffer {
  // The URL parser writes an IPv4 tail and leading zeros in one way.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [before = '', after] = canonical.split('::')
  const left = before === '' ? [] : before.split(':')
  const right = after === undefined || after === '' ? [] : after.split(':')
  const zeros = Array<string>(8 - left.length - right.length).fill('0')
  const groups = after === undefined ? left : [...left, ...zeros, ...right]
  return Buffer.from(groups.flatMap(group => [Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16)]))
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length > 255) throw new Error('a name must not exceed 255 bytes (RFC 1928 §5)')
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

async function readReply(reader: TransportReader): Promise<void> {
  const [version, reply = 0, , type = 0] = await reader.readExactly(4)
  if (version !== VERSION) throw new Error('it does not speak SOCKS 5 (RFC 1928 §6)')
  if (reply !== 0) throw new Error(REPLIES.get(reply) ?? `reply ${reply}`)
  const length = await boundAddressLength(type, reader)
  await reader.readExactly(length + 2)
}

async function boundAddressLength(type: number, reader: TransportReader): Promise<number> {
  if (type === IPV4) return 4
  if (type === IPV6) return 16
  if (type === NAME) return (await reader.readExactly(1))[0]!
  throw new Error(`address type ${type} is unknown (RFC 1928 §5)`)
}

/** The address of a name, looked up here. */
async function resolve(hostname: string, attempt: Attempt, lookup: Lookup = lookupName): Promise<string> {
  if (isIP(hostname) !== 0) return hostname
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  lookup(hostname, {}, (error, addresses) => {
    const first = typeof addresses === 'string' ? addresses : addresses?.[0]?.address
    if (error) reject(error)
    else if (first === undefined) reject(new Error(`no address of ${hostname} was found`))
    else resolve(first)
  })
  return await attempt.within(promise)
}
