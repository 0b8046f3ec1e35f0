// The other servers: what of npm each needs, at which version, installed when a benchmark first asks for it and never by
// everybody's install.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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
  const manifest = JSON.stringify({ private: true, dependencies: PEERS[peer] }, null, 2)
  const file = join(folder, 'package.json')
  const stamp = join(folder, 'installed')
  if (existsSync(stamp) && readFileSync(file, 'utf8') === manifest) return folder
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, manifest)
  process.stderr.write(`installing ${describePeer(peer)} …\n`)
  const { status, stderr, error } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-package-lock'],
    { cwd: folder, encoding: 'utf8' },
  )
  if (status !== 0)
    throw new Error(`npm could not install ${describePeer(peer)}: ${error?.message ?? stderr.trim()}`)
  writeFileSync(stamp, '')
  return folder
}

/** Its packages and their versions. */
export function describePeer(peer: Peer): string {
  return Object.entries(PEERS[peer])
    .map(([name, version]) => `${name} ${version}`)
    .join(' + ')
}
