// The echo server itself: everything that comes goes back, as fast as the peer takes it and no faster.

import { permessageDeflate } from '@ws/deflate'
import { WebSocketServer } from '@ws/server'
import type { EchoOptions } from './options.ts'
import { servePage } from './page.ts'

/** A server that runs. */
export interface Echo {
  /** 0 for a Unix socket. */
  readonly port: number
  /** The addresses it listens on, or the path of the Unix socket. */
  readonly addresses: readonly string[]
  /** Closes every connection with 1001 ("going away") and resolves when all are gone. */
  close(): Promise<void>
}

/** Starts an echo server. Rejects where it cannot listen: `EADDRINUSE`, `EACCES` … */
export async function startEcho(options: EchoOptions): Promise<Echo> {
  const { port, host, socket, hosts, deflate, ...limits } = options
  const server = new WebSocketServer({
    ...limits,
    ...(hosts !== undefined && { hosts }),
    extensions: deflate ? [permessageDeflate()] : [],
    http: servePage,
    // Where the peer reads more slowly than it sends, its next message waits until it has taken this one.
    message: (socket, data) => socket.send(data) || socket.ready,
  })
  const listening = await server.listen(socket === undefined ? { port, host } : { path: socket })
  return {
    ...listening,
    async close() {
      await server.close()
    },
  }
}
