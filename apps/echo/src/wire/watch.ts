// Watches the bytes of a TCP connection in both directions.

import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'

/** Gets bytes as they are received, and as they are written. They are valid during the call only. */
export interface Watcher {
  received(bytes: Uint8Array): void
  sent(bytes: Uint8Array): void
}

/**
 * Watches a connection from now on. What it receives is seen if the watcher comes before the
 * WebSocket opens, or if the option `shareTransport` of `@ws/server` is set. A stream has no event
 * for what is written to it, so its `write` is replaced.
 */
export function watch(transport: Socket, watcher: Watcher): void {
  transport.prependListener('data', (bytes: Buffer) => watcher.received(bytes))
  const { write } = transport
  transport.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
    const [chunk, encoding] = args
    const name = typeof encoding === 'string' ? encoding : 'utf8'
    watcher.sent(typeof chunk === 'string' ? Buffer.from(chunk, name) : chunk)
    return write.apply(this, args)
  } as Socket['write']
}
