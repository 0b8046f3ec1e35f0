// The banner after the start: the address of the chat, the place of its data, and its reachability.

import { resolve } from 'node:path'
import type { Listening } from '@ws/server'
import type { ProgramOptions, Store } from './options.ts'

/** The addresses of the chat and its metrics. */
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
      ? 'Listening on this machine only. Use --host 0.0.0.0 to allow others. Press Ctrl-C to stop.'
      : `Open to everyone who can reach ${host} on port ${port}, without encryption. Press Ctrl-C to stop.`
  return [
    'ws-chat: a chat for a team.',
    ...(socket === undefined
      ? [`  page       http://${name}:${port}`, `  WebSocket  ws://${name}:${port}`]
      : [`  socket     ${socket}`]),
    ...(metrics
      ? [`  metrics    http://${nameOf(metrics, options.metrics?.host)}:${metrics.port}/metrics`]
      : []),
    `  data       ${placeOf(store)}`,
    socket === undefined
      ? reach
      : 'Open to every process that may write to the socket. Press Ctrl-C to stop.',
  ].join('\n')
}

function placeOf(store: Store): string {
  if (store.kind === 'redis') return store.address.name
  return store.kind === 'file' ? resolve(store.file) : 'in memory, lost on exit'
}

/** The host that a browser on this machine uses. */
function nameOf({ addresses }: Listening, host: string | undefined): string {
  if (host === undefined) return 'localhost'
  const address = addresses[0]!
  if (address === '0.0.0.0' || address === '::') return 'localhost'
  return address.includes(':') ? `[${address}]` : address
}
