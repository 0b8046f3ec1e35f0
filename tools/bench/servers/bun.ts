// Bun's own server.

import { compression, ready, task } from './program.ts'

/** As much of Bun as is used here. */
interface BunSocket {
  send(data: string | Uint8Array, compress: boolean): number
  subscribe(topic: string): void
}
interface BunServer {
  readonly port: number
  upgrade(request: Request): boolean
  publish(topic: string, data: string | Uint8Array, compress: boolean): number
}
declare const Bun: { serve(options: object): BunServer; gc(force: boolean): void }

interface Handlers {
  open?(socket: BunSocket): void
  message(socket: BunSocket, data: string | Uint8Array): void | Promise<void>
}

const compress = compression !== undefined

const tasks: Record<string, Handlers> = {
  echo: { message: (socket, data) => void socket.send(data, compress) },
  'echo-async': {
    message: async (socket, data) => {
      await Promise.resolve()
      socket.send(data, compress)
    },
  },
  publish: {
    open: socket => socket.subscribe('topic'),
    message: (_socket, data) => void server.publish('topic', data, compress),
  },
  idle: { message() {} },
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: (request: Request) =>
    server.upgrade(request) ? undefined : new Response('no upgrade', { status: 400 }),
  websocket: {
    perMessageDeflate: compress,
    maxPayloadLength: 32 * 2 ** 20,
    backpressureLimit: 64 * 2 ** 20,
    idleTimeout: 0,
    sendPings: false,
    ...tasks[task],
  },
})
ready(server.port, () => Bun.gc(true))
