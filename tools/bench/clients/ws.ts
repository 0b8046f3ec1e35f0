// The client of `ws`.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { packages, serve } from './program.ts'

const { WebSocket } = createRequire(join(packages, 'package.json'))('ws') as typeof import('ws')

await serve(
  (url, received) =>
    new Promise(resolve => {
      const socket = new WebSocket(url, { perMessageDeflate: false })
      socket.on('message', received)
      socket.once('open', () =>
        resolve({
          send: message => socket.send(message),
          close: () =>
            new Promise(closed => {
              socket.once('close', () => closed())
              socket.close(1000)
            }),
        }),
      )
    }),
)
