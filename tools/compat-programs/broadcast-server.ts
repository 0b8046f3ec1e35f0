// A Socket.IO server that broadcasts, and reports its CPU time, when its parent process asks for it.

import { createServer } from 'node:http'
import { type Implementation, useImplementation } from './implementation.ts'
import { listen } from './lib.ts'

const check = useImplementation(process.argv[2] as Implementation)
const { Server } = await import('socket.io')
check()

const http = createServer()
const server = new Server(http)
process.on('message', request => {
  if (request === 'broadcast') server.emit('news', 'a text of some length, as chats have it')
  else process.send!(process.cpuUsage())
})
process.send!(await listen(http))
