// Marks the transports that a server has taken, for all copies of this package in the process: two
// versions of it, or a copy in a bundle.

import type { Duplex } from 'node:stream'
import { isOwned, takeOwnership } from '@ws/connection'

/** All copies know it, so its meaning must not change. */
const TAKEN: unique symbol = Symbol.for('@ws/server:taken')

/** Whether a server or a client of any copy has taken this transport. */
export function isTaken(transport: Duplex): boolean {
  return isOwned(transport) || TAKEN in transport
}

/** Takes a transport. Throws an `Error` if it was taken before. */
export function takeTransport(transport: Duplex & { [TAKEN]?: true }): void {
  if (TAKEN in transport) throw new Error('the transport is already in use by a WebSocket')
  takeOwnership(transport)
  transport[TAKEN] = true
}
