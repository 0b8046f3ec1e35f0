// An echo server to send cases to, in a process of its own: `node server.ts listen | http | https |
// ws`. Prints its address. When standard input ends, it closes and prints what is left behind.

import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { permessageDeflate } from '@ws/deflate'
import { WebSocketServer } from '@ws/server'
import { collectGarbage, createCertificate } from '@ws/testing'
import { WebSocketServer as NpmServer } from 'ws'

/** A server that listens. */
interface Running {
  readonly url: string
  close(): Promise<void>
}

/** Turns of the event loop in which handles of closed connections may go. */
const TURNS = 1000
const LONGEST_MESSAGE = 16 * 2 ** 20

const page: RequestListener = (_, response) => {
  response.setHeader('Connection', 'close')
  response.end('a page')
}

function createOurs(): WebSocketServer {
  return new WebSocketServer({
    hosts: 'any',
    origin: 'any',
    maxMessageSize: LONGEST_MESSAGE,
    extensions: [permessageDeflate()],
    message: async (socket, data) => {
      if (!socket.send(data)) await socket.ready
    },
  })
}

async function listenAlone(): Promise<Running> {
  const server = createOurs()
  const { port } = await server.listen({ host: '127.0.0.1' })
  return {
    url: `ws://127.0.0.1:${port}`,
    async close() {
      await server.close({ timeout: 0 })
    },
  }
}

async function attach(scheme: 'ws' | 'wss', http: Server): Promise<Running> {
  const server = createOurs()
  server.attach(http)
  const url = await listen(scheme, http)
  return {
    url,
    async close() {
      await server.close({ timeout: 0 })
      await end(http)
    },
  }
}

/** The server of npm. Messages and fragments are limited as far as the cases go. */
async function startTheirs(): Promise<Running> {
  const http = createHttpServer(page)
  const server = new NpmServer({
    server: http,
    perMessageDeflate: true,
    maxPayload: 4 * LONGEST_MESSAGE,
    maxFragments: 2 ** 17,
  })
  server.on('connection', socket => {
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer, isBinary) => socket.send(data, { binary: isBinary }))
  })
  return { url: await listen('ws', http), close: () => end(http) }
}

async function listen(scheme: string, http: Server): Promise<string> {
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return `${scheme}://127.0.0.1:${(http.address() as AddressInfo).port}`
}

async function end(http: Server): Promise<void> {
  const closed = once(http, 'close')
  http.close()
  http.closeAllConnections()
  await closed
}

const starts: Readonly<Record<string, () => Promise<Running>>> = {
  listen: listenAlone,
  http: () => attach('ws', createHttpServer(page)),
  https: () => attach('wss', createHttpsServer(createCertificate(), page)),
  ws: startTheirs,
}

/** Resources that keep a process alive: their number by name. */
function countHandles(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function added(before: ReadonlyMap<string, number>): string[] {
  return [...countHandles()].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name)
}

async function heldMemory(): Promise<number> {
  // Memory of buffers is freed some turns later.
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await new Promise(setImmediate)
  }
  const { arrayBuffers, external } = process.memoryUsage()
  return arrayBuffers + external
}

process.stdin.resume()
const handles = countHandles()
const memory = await heldMemory()
const server = await starts[process.argv[2]!]!()
console.log(server.url)
await once(process.stdin, 'end')
await server.close()
for (let turn = 0; turn < TURNS && added(handles).length > 0; turn++) await new Promise(setImmediate)
console.log(JSON.stringify({ handles: added(handles), memory: (await heldMemory()) - memory }))
