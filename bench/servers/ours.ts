// Our server, as a user would write it.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Handlers } from '@ws/server'
import { compression, packages, ready, task } from './program.ts'

const { resolve } = createRequire(join(packages, 'package.json'))
const load = (name: string): Promise<unknown> => import(pathToFileURL(resolve(name)).href)
const { WebSocketServer } = (await load('@ws/server')) as typeof import('@ws/server')

const handlers: Record<string, Handlers> = {
  echo: {
    message: (socket, data) => {
      socket.send(data)
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
}

async function chooseExtensions(how: string) {
  const { permessageDeflate } = (await load('@ws/deflate')) as typeof import('@ws/deflate')
  return [permessageDeflate({ contextTakeover: how === 'deflate-takeover' })]
}

const server = new WebSocketServer({
  ...handlers[task],
  extensions: compression === undefined ? [] : await chooseExtensions(compression),
  maxMessageSize: 32 * 2 ** 20,
})
const { port } = await server.listen({ host: '127.0.0.1' })
ready(port)
