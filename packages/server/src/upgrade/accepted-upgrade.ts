// An accepted upgrade request, from which a connection is made.

import type { Duplex } from 'node:stream'
import type { SocketHandshake } from '@ws/connection'
import type { Extension } from '@ws/protocol'
import type { ResolvedRoute } from '../options/route-options.ts'

/** The handshake is over: the 101 has been written. */
export interface AcceptedUpgrade extends SocketHandshake {
  readonly transport: Duplex
  /** What the client sent behind its request. */
  readonly head: Uint8Array
  /** What `upgrade` returned as `data`. */
  readonly data: unknown
  readonly extension: Extension | undefined
  readonly route: ResolvedRoute
}
