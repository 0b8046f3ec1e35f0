// What a person reads when the chat has started: where it is, where its data is, and who can reach it.

import { resolve } from 'node:path'
import type { Listening } from '@ws/server'
import type { ProgramOptions, Store } from './options.ts'

/** Where the chat and its metrics are reached. */
export interface Places {
  readonly listening: Listening
  readonly metrics: Listening | undefined
}

/** Some lines, without an end. */
export function describeChat({ listening, metrics }: Places, options: ProgramOptions): string {
  const { host, socket, store } = options
  const { port } = listening
  const name = nameOf(listening, host)
  const reach =
    host === undefined
      ? 'Only this machine can connect; --host 0.0.0.0 opens it to the network. Ctrl-C stops it.'
      : `Open to everyone who can reach ${host} on port ${port}, without encryption. Ctrl-C stops it.`
  return [
    'ws-chat: a chat for a team.',
    ...(socket === undefined
      ? [`  page       http://${name}:${port}`, `  WebSocket  ws://${name}:${port}`]
      : [`  socket     ${socket}`]),
    ...(metrics
      ? [`  metrics    http://${nameOf(metrics, options.metrics?.host)}:${metrics.port}/metrics`]
      : []),
    `  data       ${placeOf(store)}`,
    socket === undefined ? reach : 'Open to every process that may write to the socket. Ctrl-C stops it.',
  ].join('\n')
}

function placeOf(store: Store): string {
  if (store.kind === 'redis') return store.address.name
  return store.kind === 'file' ? resolve(store.file) : 'in memory: gone when it stops'
}

/** The host that a browser on this machine uses. */
function nameOf({ addresses }: Listening, host: string | undefined): string {
  if (host === undefined) return 'localhost'
  const address = addresses[0]!
  if (address === '0.0.0.0' || address === '::') return 'localhost'
  return address.includes(':') ? `[${address}]` : address
}
