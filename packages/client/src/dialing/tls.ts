// Encrypts a transport (TLS), and resumes earlier sessions.

import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect } from 'node:tls'
import type { Attempt } from '../attempt.ts'
import { ConnectError } from '../errors.ts'
import { describe } from './tcp.ts'

/** The options of `tls.connect`, except for those that say where to connect to. */
export type TlsOptions = Omit<ConnectionOptions, 'host' | 'port' | 'path' | 'socket' | 'lookup'>

/** The options without those that are for one server: who we are, its name, and a session with it. */
export function anonymousTls({
  cert: _cert,
  key: _key,
  pfx: _pfx,
  passphrase: _passphrase,
  pskCallback: _pskCallback,
  servername: _servername,
  session: _session,
  ...others
}: TlsOptions): TlsOptions {
  return others
}

/**
 * The newest TLS session of each server. Only connections with equal options may share sessions,
 * because resuming one skips the check of the certificate.
 */
export type TlsSessions = Map<string, Buffer>

/**
 * Encrypts a transport to `hostname`. Rejects with a `ConnectError` of this code; its message calls
 * the server `name`.
 */
export async function startTls(
  transport: Duplex,
  hostname: string,
  options: TlsOptions,
  attempt: Attempt,
  { name, code, sessions }: { readonly name: string; readonly code: string; readonly sessions?: TlsSessions },
): Promise<Duplex> {
  const session = sessions?.get(name)
  try {
    const secure = attempt.own(
      connect({
        ALPNProtocols: ['http/1.1'],
        // "Literal IPv4 and IPv6 addresses are not permitted in "HostName"." (RFC 6066 §3)
        ...(isIP(hostname) === 0 && { servername: hostname }),
        ...(session !== undefined && { session }),
        ...options,
        host: hostname,
        socket: transport,
      }),
    )
    if (sessions !== undefined) secure.on('session', newest => sessions.set(name, newest))
    await attempt.until(secure, 'secureConnect')
    return secure
  } catch (cause) {
    throw new ConnectError(`cannot start TLS with ${name}: ${describe(cause)}`, { code, cause })
  }
}
