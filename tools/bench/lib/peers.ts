// The other servers: what of npm each needs, at which version, installed when a benchmark first asks for it and never by
// everybody's install.

import { join } from 'node:path'
import { describeDependencies, installInto } from '@ws/testing'

/** The packages of each, at the versions that were compared. */
const PEERS = {
  ws: { ws: '8.23.0', bufferutil: '4.1.0' },
  bun: { bun: '1.4.5' },
  // The makers of uWebSockets.js do not publish on npm; this is a copy of theirs by others. It needs a Node of its own: its
  // binaries for later ones ask for a newer C library than Debian 12 has.
  uws: { uwebsockets: '3.0.6', node: '20.20.2' },
}

/** A peer that can be installed. */
export type Peer = keyof typeof PEERS

const FOLDER = join(import.meta.dirname, '..', '.peers')

/** The folder that a peer is installed in; installs it if it is not. Throws an `Error` when npm cannot. */
export function installPeer(peer: Peer): string {
  const folder = join(FOLDER, peer)
  installInto(folder, PEERS[peer])
  return folder
}

/** Its packages and their versions. */
export function describePeer(peer: Peer): string {
  return describeDependencies(PEERS[peer])
}
