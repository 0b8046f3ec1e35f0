// The server under test: where it is, and how the tester presents itself.

import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { createRequest } from '@ws/handshake'
import { UsageError } from '../usage-error.ts'

/** A server to test. */
export interface Target {
  /** `ws:` or `wss:`. */
  readonly url: URL
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly subprotocols: readonly string[]
  /** Whether certificates are accepted that cannot be verified. */
  readonly insecure: boolean
}

/** `host[:port]`, as in the Host header. */
export function hostOf({ url }: Target): string {
  return url.host
}

/** Path and query. */
export function pathOf({ url }: Target): string {
  return `${url.pathname}${url.search}`
}

/** Opens TCP, and TLS for `wss:`. The socket may not be connected yet. */
export function openTransport({ url, insecure }: Target): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'wss:'
  const port = Number(url.port || (secure ? 443 : 80))
  if (!secure) return connectTcp({ host, port, noDelay: true })
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const socket = connectTls({
    host,
    port,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: !insecure,
    ...servername,
  })
  socket.setNoDelay(true)
  return socket
}

/** Throws a `UsageError` for a header field or a subprotocol that no handshake can have. */
export function checkTarget(target: Target): void {
  const { headers, subprotocols } = target
  try {
    createRequest({ host: hostOf(target), target: pathOf(target), protocols: subprotocols, headers })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/

/** Whether the host is this machine. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname)
}
