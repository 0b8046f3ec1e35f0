// Our server, as a user would write it.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Handlers } from '@ws/server'
import { packages, ready, task } from './program.ts'

const main = createRequire(join(packages, 'package.json')).resolve('@ws/server')
const { WebSocketServer } = (await import(pathToFileURL(main).href)) as typeof import('@ws/server')

const handlers: Record<string, Handlers<undefined>> = {
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
    open: socket => void socket.subscribe('topic'),
    message: (_socket, data) => {
      server.publish('topic', data)
    },
  },
  idle: { message() {} },
}

const server = new WebSocketServer({
  ...handlers[task],
  maxMessageSize: 32 * 2 ** 20,
})
const { port } = await server.listen(0, '127.0.0.1')
ready(port)
