// A chat with a heartbeat, on an HTTP server that it shares.

import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import WebSocket, { type RawData, type Server, type ServerOptions, WebSocketServer } from 'ws'

interface Member extends WebSocket {
  isAlive: boolean
  name?: string
}

const options: ServerOptions = {
  noServer: true,
  clientTracking: true,
  maxPayload: 64 * 1024,
  perMessageDeflate: {
    zlibDeflateOptions: { chunkSize: 1024, memLevel: 7, level: 3 },
    zlibInflateOptions: { chunkSize: 10 * 1024 },
    clientNoContextTakeover: true,
    serverNoContextTakeover: true,
    serverMaxWindowBits: 10,
    concurrencyLimit: 10,
    threshold: 1024,
  },
  handleProtocols: (protocols: Set<string>, request: IncomingMessage) =>
    request.headers.host !== undefined && protocols.has('chat') ? 'chat' : false,
  verifyClient: ({ origin, secure, req }, callback) => {
    if (secure && origin.endsWith('example.com') && req.url === '/') callback(true)
    else callback(false, 401, 'Unauthorized', { 'Retry-After': 120 })
  },
}
export const server = new WebSocketServer(options)
export const other: Server = new WebSocketServer({
  port: 0,
  verifyClient: ({ secure }: { secure: boolean }) => secure,
})

function heartbeat(this: WebSocket): void {
  ;(this as Member).isAlive = true
}

server.on('connection', (socket, request) => {
  const member = socket as Member
  member.isAlive = true
  member.on('pong', heartbeat)
  member.on('error', console.error)
  member.on('message', (data, isBinary) => {
    server.clients.forEach(client => {
      if (client !== socket && client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary })
    })
  })
  member.on('message', function message(this: WebSocket, data: RawData) {
    const text = Buffer.isBuffer(data) ? data.toString() : Array.isArray(data) ? Buffer.concat(data) : data
    this.send(text, error => error && console.error(error.message))
  })
  member.on('close', (code, reason) => console.log(code, reason.toString()))
  console.log(request.socket.remoteAddress, member.protocol, member.extensions, member.bufferedAmount)
})
server.on('headers', (headers, request) => headers.push(`X-Path: ${request.url}`))
server.on('wsClientError', (error, socket, request) => {
  console.log(error.message, request.method)
  socket.destroy()
})
server.on('ready', (value: number) => console.log(value))
server.on('error', error => console.error(error.message)).on('listening', () => {})
server.once('close', () => console.log('closed'))

const timer = setInterval(() => {
  for (const client of server.clients as Set<Member>) {
    if (!client.isAlive) client.terminate()
    else {
      client.isAlive = false
      client.ping()
      client.ping('x', false, error => console.log(error))
    }
  }
}, 30_000)
server.on('close', () => clearInterval(timer))

const http = createServer()
http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
  if (!server.shouldHandle(request)) return
  server.handleUpgrade(request, socket, head, (client, upgraded) => {
    server.emit('connection', client, upgraded, { name: 'ann' })
  })
})
const address = other.address()
if (typeof address !== 'string' && address !== null) console.log(address.port, address.family)
other.close(error => console.log(error?.message))
