// Our server, as a user would write it.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Handlers } from '@ws/server'
import { compression, packages, ready, task } from './program.ts'

const { resolve } = createRequire(join(packages, 'package.json'))
const load = (name: string): Promise<unknown> => import(pathToFileURL(resolve(name)).href)
const { WebSocketServer } = (await load('@ws/server')) as typeof import('@ws/server')

/** The default of `maxBufferedAmount`. */
const FLOOD = 16 * 2 ** 20

const handlers: Record<string, Handlers> = {
  // As the guides recommend it.
  echo: { message: (socket, data) => socket.send(data) || socket.ready },
  'echo-careless': {
    message: (socket, data) => {
      socket.send(data)
    },
  },
  'echo-session': {
    async session(socket) {
      for await (const data of socket) if (!socket.send(data)) await socket.ready
    },
  },
  'echo-async': {
    message: async (socket, data) => {
      await Promise.resolve()
      socket.send(data)
    },
  },
  publish: {
    open: socket => socket.subscribe('topic'),
    message: (_socket, data) => {
      server.publish('topic', data)
    },
  },
  idle: { message() {} },
  // As much as a peer that does not read can be sent.
  hold: {
    message: socket => {
      while (socket.bufferedAmount < FLOOD) socket.send(new Uint8Array(64 * 1024).fill(1))
    },
  },
}

async function chooseExtensions(how: string) {
  const { permessageDeflate } = (await load('@ws/deflate')) as typeof import('@ws/deflate')
  return [permessageDeflate({ contextTakeover: how === 'deflate-takeover' })]
}

const server = new WebSocketServer({
  ...handlers[task],
  extensions: compression === undefined ? [] : await chooseExtensions(compression),
  // What a peer can hold is measured under the default.
  ...(task !== 'hold' && { maxMessageSize: 32 * 2 ** 20 }),
})
const { port } = await server.listen({ host: '127.0.0.1' })
ready(port)
