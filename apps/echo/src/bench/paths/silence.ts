// Paths that do not answer: neither frames, nor the handshake.

import { type BenchPath, definePath, ignore } from '../path.ts'
import type { Visit } from '../visit.ts'

export const SILENT: BenchPath = definePath({
  route: '/silent',
  usage: '/silent',
  about: 'Accepts the WebSocket, then reads everything and answers nothing: no message, no ping, no Close.',
  parameters: {},
  options: { autoPong: false, pingInterval: Number.POSITIVE_INFINITY, shareTransport: true },
  open({ transport }) {
    // The last reader of a shared transport is the WebSocket: a watcher reads before it.
    const reader = transport.listeners('data').at(-1) as ((chunk: Uint8Array) => void) | undefined
    transport.on('data', ignore)
    if (reader !== undefined) transport.off('data', reader)
  },
  message: ignore,
  expire: ({ transport }) => transport.destroy(),
})

export const NEVER: BenchPath = definePath({
  route: '/never',
  usage: '/never',
  about: 'Accepts TCP and does not answer the handshake.',
  parameters: {},
  upgrade: never,
})

/** Leaves a handshake without an answer of the server, and ends TCP at the end of `--max-duration`. */
export async function never(visit: Visit<unknown>): Promise<never> {
  await visit.wait(visit.limits.maxDuration)
  visit.transport.destroy()
  // The end of the transport ends the handshake.
  return new Promise(() => {})
}
