// What a person reads when the chat has started: where it is, where its data is, and who can reach it.

import { resolve } from 'node:path'
import type { Listening } from '@ws/server'
import type { ProgramOptions, Store } from './options.ts'

/** Some lines, without an end. */
export function describeChat({ port, addresses }: Listening, { host, store }: ProgramOptions): string {
  const name = host === undefined ? 'localhost' : nameOf(addresses[0]!)
  const reach =
    host === undefined
      ? 'Only this machine can connect; --host 0.0.0.0 opens it to the network. Ctrl-C stops it.'
      : `Open to whoever can reach ${host} on port ${port}, without encryption. Ctrl-C stops it.`
  return [
    'ws-chat: a chat for a team.',
    `  page       http://${name}:${port}`,
    `  WebSocket  ws://${name}:${port}`,
    `  data       ${placeOf(store)}`,
    reach,
  ].join('\n')
}

function placeOf(store: Store): string {
  if (store.kind === 'redis') return store.address.name
  return store.kind === 'file' ? resolve(store.file) : 'in memory: gone when it stops'
}

/** How a browser on this machine calls an address. */
function nameOf(address: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost'
  return address.includes(':') ? `[${address}]` : address
}
