// Our client, as a user would write it.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packages, serve } from './program.ts'

const { resolve } = createRequire(join(packages, 'package.json'))
const { connect } = (await import(pathToFileURL(resolve('@ws/client')).href)) as typeof import('@ws/client')

await serve(async (url, received) => {
  const socket = await connect(url, { message: received })
  return {
    send: message => void socket.send(message),
    async close() {
      socket.close(1000)
      await socket.closed
    },
  }
})
