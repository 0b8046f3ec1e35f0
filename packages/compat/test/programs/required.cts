// A program that requires the class, and takes the others from it.

import WebSocket = require('ws')

const { WebSocketServer, createWebSocketStream } = WebSocket

const server = new WebSocket.Server({ port: 0 })
const another = new WebSocketServer({ noServer: true })
const typed: WebSocket.Server = server
const options: WebSocket.ClientOptions = { perMessageDeflate: true }
const socket: WebSocket = new WebSocket('ws://localhost', options)

server.on('connection', (client: WebSocket, request) => {
  client.on('message', (data: WebSocket.RawData) => client.send(data))
  console.log(request.url, typed.options.path, another.clients.size)
})
socket.on('open', () => createWebSocketStream(socket).end('x'))

class Extended extends WebSocket.Server {
  readonly extra: number = 1
}
export = Extended
