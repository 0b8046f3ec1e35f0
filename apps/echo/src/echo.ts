// The echo server itself: everything that comes goes back, as fast as the peer takes it and no faster.

import { permessageDeflate } from '@ws/deflate'
import { WebSocketServer } from '@ws/server'
import type { EchoOptions } from './options.ts'
import { servePage } from './page.ts'

/** A server that runs. */
export interface Echo {
  readonly port: number
  /** The addresses it listens on. */
  readonly addresses: readonly string[]
  /** Closes every connection with 1001 ("going away") and resolves when all are gone. */
  close(): Promise<void>
}

/** Starts an echo server. Rejects where it cannot listen: `EADDRINUSE`, `EACCES` … */
export async function startEcho(options: EchoOptions): Promise<Echo> {
  const { port, host, deflate, ...limits } = options
  const server = new WebSocketServer({
    ...limits,
    extensions: deflate ? [permessageDeflate()] : [],
    http: servePage,
    // Where the peer reads more slowly than it sends, its next message waits until it has taken this one.
    message: (socket, data) => socket.send(data) || socket.ready,
  })
  const listening = await server.listen({ port, host })
  return {
    ...listening,
    async close() {
      await server.close()
    },
  }
}
