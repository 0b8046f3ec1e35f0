// A program whose imports become calls of `require`.

import { createServer } from 'node:https'
import type { ServerOptions } from 'ws'
import * as all from 'ws'
import { type RawData, type Server, WebSocket, WebSocketServer } from 'ws'

export class Gateway {
  readonly server: Server = new WebSocketServer({ server: createServer() })
  readonly sockets: Map<string, WebSocket> = new Map()

  start(options: ServerOptions): void {
    const other: WebSocketServer = new all.Server(options)
    other.on('connection', socket => {
      socket.on('message', (data: RawData, isBinary: boolean) => {
        for (const peer of this.sockets.values())
          if (peer.readyState === WebSocket.OPEN) peer.send(data, { binary: isBinary })
      })
    })
  }
}
