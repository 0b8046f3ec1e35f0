// An accepted upgrade request, from which a connection is made.

import type { Duplex } from 'node:stream'
import type { SocketHandshake } from '@ws/connection'
import type { Extension } from '@ws/protocol'
import type { ResolvedRoute } from '../options/route-options.ts'

/** The handshake is over: the 101 has been written. */
export interface AcceptedUpgrade extends SocketHandshake {
  readonly transport: Duplex
  /** Bytes received after the request. */
  readonly head: Uint8Array
  /** The `data` that `upgrade` returned. */
  readonly data: unknown
  readonly extension: Extension | undefined
  readonly route: ResolvedRoute
}
