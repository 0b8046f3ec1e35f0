// `ws` with `bufferutil`, its fast path: a text is echoed as the bytes it came as, which need not be decoded.

import type { AddressInfo } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import { loadWs } from './load-ws.ts'
import { compression, packages, ready, task } from './program.ts'

const { WebSocketServer } = loadWs<typeof import('ws')>(packages)

const tasks: Record<string, (socket: WebSocket) => void> = {
  echo: socket => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  'echo-async': socket => socket.on('message', (data, isBinary) => void echoLater(socket, data, isBinary)),
  publish: socket =>
    socket.on('message', (data, isBinary) => {
      for (const client of server.clients) client.send(data, { binary: isBinary })
    }),
  idle: socket => socket.on('message', () => {}),
}

async function echoLater(socket: WebSocket, data: RawData, isBinary: boolean): Promise<void> {
  await Promise.resolve()
  socket.send(data, { binary: isBinary })
}

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  clientTracking: task === 'publish',
  perMessageDeflate:
    compression === 'deflate-no-takeover'
      ? { serverNoContextTakeover: true, clientNoContextTakeover: true }
      : compression !== undefined,
})
server.on('connection', socket => {
  socket.on('error', () => {})
  tasks[task]!(socket)
})
server.on('listening', () => ready((server.address() as AddressInfo).port))
