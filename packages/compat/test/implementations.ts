// The package and `ws` itself, so that each expectation of a documented member is checked of both,
// and pairs of sockets for the tests.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import * as theirs from 'ws'
import * as ours from '../src/index.ts'

/** The API, as this package declares it. */
export type Implementation = typeof ours

export const OURS: Implementation = ours
export const THEIRS: Implementation = theirs as unknown as Implementation

/** For `describe.each`. */
export const IMPLEMENTATIONS: readonly (readonly [string, Implementation])[] = [
  ['@ws/compat', OURS],
  ['ws', THEIRS],
]

/** A server that listens, and is closed with its sockets when the test has finished. */
export async function listen(
  { WebSocketServer }: Implementation,
  options: ours.ServerOptions = {},
): Promise<{ readonly server: ours.WebSocketServer; readonly url: string; readonly port: number }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options })
  onTestFinished(() => closeServer(server))
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { server, url: `ws://127.0.0.1:${port}`, port }
}

async function closeServer(server: ours.WebSocketServer): Promise<void> {
  for (const socket of server.clients ?? []) socket.terminate()
  await new Promise(resolve => server.close(resolve))
}

/** Both ends of a connection. */
export interface Pair {
  readonly server: ours.WebSocketServer
  readonly client: ours.WebSocket
  /** The socket of the server. */
  readonly socket: ours.WebSocket
  readonly url: string
}

/** A client that is connected to a server of the same implementation. */
export async function connect(
  implementation: Implementation,
  serverOptions?: ours.ServerOptions,
  clientOptions?: ours.ClientOptions,
): Promise<Pair> {
  const { server, url } = await listen(implementation, serverOptions)
  const client = new implementation.WebSocket(url, clientOptions)
  onTestFinished(() => client.terminate())
  const [[socket]] = await Promise.all([once(server, 'connection'), once(client, 'open')])
  return { server, client, socket, url }
}

/** The next `count` messages of a socket: texts as strings, binary messages as they are. */
export function messages(socket: ours.WebSocket, count: number): Promise<unknown[]> {
  const received: unknown[] = []
  const { promise, resolve } = Promise.withResolvers<unknown[]>()
  socket.on('message', (data, isBinary) => {
    received.push(isBinary ? data : String(data))
    if (received.length === count) resolve(received)
  })
  return promise
}

/** The arguments of the `close` event, the reason as a string; also after an `error` event. */
export function closed(socket: ours.WebSocket): Promise<readonly [number, string]> {
  const { promise, resolve } = Promise.withResolvers<readonly [number, string]>()
  socket.once('close', (code, reason) => resolve([code, String(reason)]))
  return promise
}
