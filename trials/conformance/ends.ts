// The ends under test, one of each role, over real sockets: they send back whatever comes. A server of ours to which raw clients
// connect, and a client of ours that connects to a raw server.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket as TcpSocket } from 'node:net'
import { type CloseInfo, type Socket, WebSocketServer } from '@ws/server'
import { headLength, upgradeRequest } from '@ws/testing'
import { Client } from './client.ts'
import { Peer } from './peer.ts'

/** The largest message that the families send. */
export const LARGEST: number = 2 ** 24

/** What the end under test can be told to do by itself. */
interface Own {
  /** The close report. */
  readonly closed: Promise<CloseInfo>
  ping(payload: Uint8Array): void
  close(code?: number, reason?: string): void
}

/** A connection: the peer in raw hands, and the end under test that sends back what comes. */
export interface Pair extends Disposable {
  readonly peer: Peer
  readonly own: Own
}

/** An end under test that any number of connections can be made with. */
export interface EndUnderTest extends AsyncDisposable {
  pair(): Promise<Pair>
}

/** Both, by role. */
export const ENDS: readonly (readonly ['server' | 'client', () => Promise<EndUnderTest>])[] = [
  ['server', startServer],
  ['client', startClient],
]

async function startServer(): Promise<EndUnderTest> {
  const opened = new Map<string, (socket: Socket) => void>()
  const server = new WebSocketServer({
    maxMessageSize: LARGEST,
    open: socket => opened.get(socket.path)?.(socket),
    message: (socket, data) => (socket.send(data) ? undefined : socket.ready),
  })
  const { port } = await server.listen(0)
  return {
    async pair() {
      const path = `/${opened.size}`
      const { promise, resolve } = Promise.withResolvers<Socket>()
      opened.set(path, resolve)
      const tcp = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      tcp.write(upgradeRequest(path))
      const { rest } = await readHead(tcp)
      const peer = new Peer(tcp, true, rest)
      return createPair(peer, await promise)
    },
    async [Symbol.asyncDispose]() {
      await server.close({ timeout: 0 })
    },
  }
}

async function startClient(): Promise<EndUnderTest> {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  /** One at a time: connections are told apart by the order in which they are made. */
  let last: Promise<unknown> = Promise.resolve()
  return {
    pair() {
      const made = last.then(() => open(server, port))
      last = made.catch(() => undefined)
      return made
    },
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

async function open(server: Server, port: number): Promise<Pair> {
  const [client, peer] = await Promise.all([
    Client.open(port, LARGEST, (own, data) => own.send(data)),
    accept(server),
  ])
  return createPair(peer, client)
}

/** What a server answers, written by hand. */
async function accept(server: Server): Promise<Peer> {
  const [tcp] = (await once(server, 'connection')) as [TcpSocket]
  const { head } = await readHead(tcp)
  const key = /^sec-websocket-key: (\S+)/im.exec(head)![1]
  const digest = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  tcp.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${digest}\r\n\r\n`,
  )
  return new Peer(tcp, false)
}

function createPair(peer: Peer, own: Own): Pair {
  return { peer, own, [Symbol.dispose]: () => peer.destroy() }
}

/** Reads up to the empty line. */
async function readHead(tcp: TcpSocket): Promise<{ head: string; rest: Uint8Array }> {
  let bytes = Buffer.alloc(0)
  while (headLength(bytes) === 0) {
    const [chunk] = (await once(tcp, 'data')) as [Buffer]
    bytes = Buffer.concat([bytes, chunk])
  }
  const length = headLength(bytes)
  return { head: bytes.toString('latin1', 0, length), rest: bytes.subarray(length) }
}
