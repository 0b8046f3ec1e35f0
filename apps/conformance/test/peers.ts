// Servers to test: a right one, and ones that are wrong in all ways a peer can be.

import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { accept, formatResponse, RequestParser, validateRequest } from '@ws/handshake'
import { WebSocketServer } from 'ws'
import type { Target } from '../src/roles/target.ts'

/** A server that runs. */
export interface Peer extends AsyncDisposable {
  readonly target: Target
}

export function targetOf(port: number): Target {
  return { url: new URL(`ws://127.0.0.1:${port}`), headers: [], subprotocols: [], insecure: false }
}

/** An echo server of the npm package ws. */
export async function startEcho(options: { perMessageDeflate?: boolean } = {}): Promise<Peer> {
  // By default, ws limits a message to 16,384 fragments.
  const limits = { maxPayload: 64 * 2 ** 20, maxFragments: 2 ** 17 }
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...limits, ...options })
  server.on('connection', socket => {
    socket.on('error', () => undefined)
    socket.on('message', (data, binary) => socket.send(data as Buffer, { binary }))
  })
  await new Promise(resolve => server.once('listening', resolve))
  return {
    target: targetOf((server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** A TCP server with this behavior. */
export async function startTcp(behave: (socket: Socket) => void): Promise<Peer> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    behave(socket)
  })
  return listen(server, () => {
    for (const socket of sockets) socket.destroy()
  })
}

/** A server that opens a WebSocket as it should, and then does this with it. */
export function startOpened(behave: (socket: Socket, first: Uint8Array) => void): Promise<Peer> {
  return startTcp(socket => {
    const parser = new RequestParser()
    const read = (chunk: Uint8Array) => {
      const parsed = parser.push(chunk)
      if (!parsed?.ok) return
      const request = validateRequest(parsed.head, { origin: 'any' })
      if (!request.ok) return
      socket.off('data', read)
      socket.write(formatResponse(accept(request)))
      behave(socket, parsed.rest)
    }
    socket.on('data', read)
  })
}

/** An HTTP server that knows nothing of WebSocket. */
export function startHttp(): Promise<Peer> {
  const server = createHttpServer((_, response) => response.writeHead(404).end('not found'))
  return listen(server, () => server.closeAllConnections())
}

async function listen(server: Server, dropAll: () => void): Promise<Peer> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    target: targetOf((server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      dropAll()
      await closed
    },
  }
}
