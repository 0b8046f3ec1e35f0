// The echo server itself: the paths of the bench, the page, and the log.

import { permessageDeflate } from '@ws/deflate'
import { WebSocketServer } from '@ws/server'
import { observe } from '@ws/server/diagnostics'
import { addRoutes } from './bench/add-routes.ts'
import { createPaths } from './bench/paths.ts'
import { createHttpHandler } from './http/handler.ts'
import { Inspection } from './inspection/inspection.ts'
import type { EchoOptions } from './options.ts'
import { describeHandshake, logFrames } from './wire/log.ts'

/** A server that runs. */
export interface Echo {
  /** 0 for a Unix socket. */
  readonly port: number
  /** The addresses it listens on, or the path of the Unix socket. */
  readonly addresses: readonly string[]
  /** Closes every connection with 1001 ("going away") and resolves when all are gone. */
  close(): Promise<void>
}

/**
 * Starts an echo server; `writeLine` takes the lines of `verbose`. Rejects where it cannot listen:
 * `EADDRINUSE`, `EACCES` …
 */
export async function startEcho(
  options: EchoOptions,
  writeLine: (line: string) => void = console.log,
): Promise<Echo> {
  const { port, host, socket, hosts, deflate, verbose, inspect, subprotocol, bench, ...limits } = options
  const paths = createPaths()
  const inspection = new Inspection()
  const server: WebSocketServer = new WebSocketServer({
    ...limits,
    ...(hosts !== undefined && { hosts }),
    extensions: deflate ? [permessageDeflate()] : [],
    http: createHttpHandler(() => server, paths, bench, inspection),
    upgrade: request => {
      inspection.record(request)
      return new Response('no such path; GET /help lists the paths\n', { status: 404 })
    },
  })
  const stop = verbose
    ? observe('handshake', event => {
        if (event.server === server) writeLine(describeHandshake(event))
      })
    : undefined
  inspection.addTo(server)
  addRoutes(server, paths, {
    limits: bench,
    inspection,
    subprotocol,
    watch: verbose ? (transport, id) => logFrames(transport, id, writeLine) : undefined,
  })
  const listening = await server.listen(socket === undefined ? { port, host } : { path: socket })
  inspection.isOn = inspect ?? (socket === undefined && listening.addresses.every(isLoopback))
  return {
    ...listening,
    async close() {
      await server.close()
      stop?.()
    },
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}
