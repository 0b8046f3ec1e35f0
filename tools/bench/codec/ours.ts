// Ours: the protocol without a socket, on the services of Node that the server gives it.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packages, serve } from './program.ts'

const folder = pathToFileURL(join(packages, 'node_modules/@ws/'))
const { checkLimits, Protocol } = (await import(
  `${folder}protocol/dist/index.js`
)) as typeof import('@ws/protocol')
const { nodeHost } = (await import(`${folder}connection/dist/index.js`)) as typeof import('@ws/connection')

const options = { host: nodeHost, limits: checkLimits({ maxMessageSize: 32 * 2 ** 20 }) }

await serve({
  createDecoder(told) {
    const protocol = new Protocol('server', { message: told, close: failed }, options)
    return chunk => protocol.receive(chunk)
  },
  createEncoder(write) {
    const protocol = new Protocol('server', { message() {}, close: failed }, options)
    return (message, times) => {
      for (let i = 0; i < times; i++) protocol.send(message)
      const output = protocol.takeOutput()
      if (write !== undefined) output.forEach(write)
    }
  },
})

function failed({ reason }: { readonly reason: string }): void {
  throw new Error(`closed: ${reason}`)
}
