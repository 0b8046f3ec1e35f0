// Opens a transport to a server: over TCP or a proxy, and encrypted for wss:.

import type { Duplex } from 'node:stream'
import type { Attempt } from '../attempt.ts'
import type { Target } from '../target.ts'
import { openHttpTunnel } from './http-proxy.ts'
import type { ProxyServer } from './proxy.ts'
import { proxyFromEnvironment } from './proxy-environment.ts'
import { openSocksTunnel } from './socks-proxy.ts'
import { connectTcp, type TcpSettings } from './tcp.ts'
import { startTls, type TlsOptions, type TlsSessions } from './tls.ts'

/** How to reach a server. */
export interface DialSettings extends TcpSettings {
  readonly tls: TlsOptions
  readonly proxy: ProxyServer | 'env' | undefined
}

/** Opens a transport. Rejects with a `ConnectError`, or a `HandshakeError` of the proxy. */
export async function dial(
  target: Target,
  settings: DialSettings,
  attempt: Attempt,
  sessions?: TlsSessions,
): Promise<Duplex> {
  const proxy = findProxy(target, settings)
  const place = { name: target.origin, code: 'ERR_WS_CONNECT', ...(sessions && { sessions }) }
  const transport =
    proxy === undefined
      ? await connectTcp(target, settings, attempt, place)
      : await dialProxy(proxy, target, settings, attempt)
  if (!target.isSecure) return transport
  return await startTls(transport, target.hostname, settings.tls, attempt, place)
}

function findProxy(target: Target, { proxy }: DialSettings): ProxyServer | undefined {
  if (target.socketPath !== undefined) return undefined
  return proxy === 'env' ? proxyFromEnvironment(target, process.env) : proxy
}

async function dialProxy(
  proxy: ProxyServer,
  target: Target,
  settings: DialSettings,
  attempt: Attempt,
): Promise<Duplex> {
  const place = { name: `the proxy ${proxy.origin}`, code: 'ERR_WS_PROXY_FAILED' }
  const transport = await connectTcp(proxy, settings, attempt, place)
  if (proxy.kind === 'socks5') {
    await openSocksTunnel(transport, proxy, target, attempt, settings.lookup)
    return transport
  }
  const tunnel =
    proxy.kind === 'https'
      ? await startTls(transport, proxy.hostname, trustOf(settings.tls), attempt, place)
      : transport
  await openHttpTunnel(tunnel, proxy, target)
  return tunnel
}

/** The options that hold for a proxy as well: whom to trust, not who we are. */
function trustOf({ ca, rejectUnauthorized, minVersion, maxVersion }: TlsOptions): TlsOptions {
  return {
    ...(ca !== undefined && { ca }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion }),
  }
}
