// A server with sockets and requests of its own classes.

import { createServer, IncomingMessage } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'

class Request extends IncomingMessage {
  get user(): string {
    return String(this.headers['x-user'])
  }
}

class Player extends WebSocket {
  score = 0

  sendJson(value: unknown): void {
    this.send(JSON.stringify(value))
  }
}

const server = new WebSocketServer({
  server: createServer({ IncomingMessage: Request }),
  WebSocket: Player,
})
server.on('connection', (player, request) => {
  player.sendJson({ score: player.score, user: request.user })
})
for (const player of server.clients) player.sendJson({ score: player.score })
