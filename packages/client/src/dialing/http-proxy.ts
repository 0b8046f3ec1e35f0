// Opens a tunnel through an HTTP proxy (CONNECT, RFC 9110 §9.3.6).

import { Buffer } from 'node:buffer'
import type { Duplex } from 'node:stream'
import type { ResponseHead } from '@ws/handshake'
import { ConnectError, HandshakeError } from '../errors.ts'
import { readResponse } from '../http/response.ts'
import { InvalidHead, TransportReader } from '../http/transport-reader.ts'
import type { Target } from '../target.ts'
import type { ProxyServer } from './proxy.ts'

/**
 * Makes the proxy at the other end of `transport` connect it to the server. Rejects with a
 * `HandshakeError` that has the proxy's answer, or with a `ConnectError` if it has none.
 */
export async function openHttpTunnel(transport: Duplex, proxy: ProxyServer, target: Target): Promise<void> {
  const authority = `${target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname}:${target.port}`
  const credentials =
    proxy.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`
  transport.write(Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`))
  const reader = new TransportReader(transport)
  const head = await readHead(reader, proxy)
  // "Any 2xx (Successful) response indicates that the sender (and all inbound proxies) will switch
  // to tunnel mode immediately after the response header section"
  if (head.status >= 200 && head.status < 300) return
  throw new HandshakeError(`the proxy ${proxy.origin} answered ${head.status} ${head.reason}`.trimEnd(), {
    code: 'ERR_WS_PROXY_REJECTED',
    response: await readResponse(head, reader),
  })
}

async function readHead(reader: TransportReader, proxy: ProxyServer): Promise<ResponseHead> {
  try {
    const head = await reader.readHead()
    if (head.status === 101) throw new InvalidHead('a 101 does not answer CONNECT (RFC 9110 §9.3.6)')
    return head
  } catch (error) {
    const why = error instanceof InvalidHead ? `answered wrongly: ${error.message}` : 'did not answer'
    const cause = error instanceof InvalidHead ? undefined : (error as Error).cause
    throw new ConnectError(`the proxy ${proxy.origin} ${why}`, { code: 'ERR_WS_PROXY_FAILED', cause })
  }
}
