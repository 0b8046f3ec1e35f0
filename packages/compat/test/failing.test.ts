// What the peer of a socket that fails receives.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from '../src/index.ts'

test('the peer receives 1009 when the error listener terminates the socket', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 1024 })
  server.on('connection', socket => socket.on('error', () => socket.terminate()))
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  client.on('open', () => client.send(Buffer.alloc(1025)))
  const [code] = await once(client, 'close')
  expect(code).toBe(1009)
  server.close()
  await once(server, 'close')
})
