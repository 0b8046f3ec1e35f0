// The floor: answers an upgrade request with a 101, and from then on sends back every chunk as it is.

import { createServer } from 'node:net'
import { ready, task } from './program.ts'

const ACCEPTANCE =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

const server = createServer({ noDelay: true }, socket => {
  socket.on('error', () => {})
  socket.once('data', () => {
    socket.write(ACCEPTANCE, 'latin1')
    if (task !== 'idle') socket.on('data', chunk => socket.write(chunk))
  })
})
server.listen(0, '127.0.0.1', 4096, () => {
  const address = server.address()
  if (typeof address === 'object') ready(address!.port)
})
