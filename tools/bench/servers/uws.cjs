// uWebSockets.js. The same protocol with whoever started it as in program.ts; not shared, for the Node that loads its binary reads no
// TypeScript.

const { createRequire } = require('node:module')
const { join } = require('node:path')
const { createInterface } = require('node:readline')

const [folder, task] = process.argv.slice(-2)
const uws = createRequire(join(folder, 'package.json'))('uwebsockets')

const tasks = {
  echo: { message: (socket, data, isBinary) => void socket.send(data, isBinary) },
  // What came is only good for the call: it has to be copied to be kept.
  'echo-async': {
    message: async (socket, data, isBinary) => {
      const copy = data.slice()
      await Promise.resolve()
      socket.send(copy, isBinary)
    },
  },
  publish: {
    open: socket => void socket.subscribe('topic'),
    message: (_socket, data, isBinary) => void app.publish('topic', data, isBinary),
  },
  idle: { message() {} },
}

const app = uws.App()
app.ws('/*', {
  compression: uws.DISABLED,
  maxPayloadLength: 32 * 2 ** 20,
  maxBackpressure: 64 * 2 ** 20,
  idleTimeout: 0,
  sendPingsAutomatically: false,
  ...tasks[task],
})
app.listen('127.0.0.1', 0, listening => {
  console.log(uws.us_socket_local_port(listening))
  const lines = createInterface({ input: process.stdin })
  lines.on('line', () => {
    globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    console.log('done')
  })
  lines.on('close', () => process.exit())
})
