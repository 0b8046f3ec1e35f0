// Watches the bytes of a TCP connection in both directions.

import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'

/** Gets bytes as they are received, and as they are written. They are valid during the call only. */
export interface Watcher {
  received(bytes: Uint8Array): void
  sent(bytes: Uint8Array): void
}

/**
 * Watches a connection from now on. What it receives is seen if others may read it: see the option
 * `shareTransport` of `@ws/server`; they are seen before their answer is. A stream has no event for what is written to it, so its `write`
 * is replaced.
 */
export function watch(transport: Socket, watcher: Watcher): void {
  transport.prependListener('data', (bytes: Buffer) => watcher.received(bytes))
  const { write } = transport
  transport.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
    const [chunk] = args
    watcher.sent(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    return write.apply(this, args)
  } as Socket['write']
}
