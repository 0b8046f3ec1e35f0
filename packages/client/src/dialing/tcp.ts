// Connects to a host and port, or to a Unix socket.

import { connect, isIP, type NetConnectOpts, type TcpNetConnectOpts } from 'node:net'
import { Duplex } from 'node:stream'
import type { Attempt } from '../attempt.ts'
import { ConnectError } from '../errors.ts'

/** A place to connect to. */
export interface Address {
  /** A name or an address, IPv6 without brackets. */
  readonly hostname: string
  readonly port: number
  /** The path of a Unix socket, in place of the two. */
  readonly socketPath?: string | undefined
}

/** Opens a transport in place of `net.connect`. */
export type CreateConnection = (
  address: Address & {
    /** Aborted when the transport is no longer needed. */
    readonly signal: AbortSignal
  },
) => Duplex | PromiseLike<Duplex>

/** How to connect. */
export interface TcpSettings {
  readonly lookup: TcpNetConnectOpts['lookup']
  readonly localAddress: string | undefined
  readonly autoSelectFamily: boolean | undefined
  readonly createConnection: CreateConnection | undefined
}

/** Connects. Rejects with a `ConnectError` of this code; its message calls the place `name`. */
export async function connectTcp(
  address: Address,
  settings: TcpSettings,
  attempt: Attempt,
  { name, code }: { readonly name: string; readonly code: string },
): Promise<Duplex> {
  try {
    if (settings.createConnection !== undefined)
      return await createTransport(settings.createConnection, address, attempt)
    const transport = attempt.own(connect(connectOptions(address, settings)))
    await attempt.until(transport, 'connect')
    return transport
  } catch (cause) {
    throw new ConnectError(`cannot connect to ${name}: ${describe(cause)}`, { code, cause })
  }
}

/**
 * The message of an error. Node's for several addresses has none; those of OpenSSL begin with its
 * number of the thread and end with a line of its source, and have a `reason` beside them.
 */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { reason, code, library } = error as { reason?: unknown; code?: unknown; library?: unknown }
  if (library !== undefined && typeof reason === 'string') return reason
  return error.message || String(code ?? error.name)
}

async function createTransport(
  createConnection: CreateConnection,
  address: Address,
  attempt: Attempt,
): Promise<Duplex> {
  const { signal } = attempt
  const created = Promise.resolve(createConnection({ ...address, signal })).then(transport => {
    if (!(transport instanceof Duplex))
      throw new TypeError('createConnection must return a stream.Duplex, or a promise of one')
    return attempt.own(transport)
  })
  const transport = await attempt.within(created)
  if ('connecting' in transport && transport.connecting === true) await attempt.until(transport, 'connect')
  return transport
}

function connectOptions(
  { hostname, port, socketPath }: Address,
  { lookup, localAddress, autoSelectFamily }: TcpSettings,
): NetConnectOpts {
  if (socketPath !== undefined) return { path: socketPath }
  return {
    host: hostname,
    port,
    noDelay: true,
    ...(isIP(hostname) === 0 && lookup !== undefined && { lookup }),
    ...(localAddress !== undefined && { localAddress }),
    ...(autoSelectFamily !== undefined && { autoSelectFamily }),
  }
}
