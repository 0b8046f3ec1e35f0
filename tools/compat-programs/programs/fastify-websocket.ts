// @fastify/websocket: routes with hooks and parameters, `injectWS`, a broadcast, rejections, closing.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import websocket from '@fastify/websocket'
import fastify from 'fastify'
import { WebSocket } from 'ws'
import { closeOf, Inbox } from '../lib.ts'

export async function run(): Promise<unknown> {
  const app = fastify()
  const log: string[] = []
  await app.register(websocket, { options: { maxPayload: 64 * 1024 } })
  app.get('/echo/:name', { websocket: true }, (socket, request) => {
    const { name } = request.params as { name: string }
    socket.on('message', (data, isBinary) =>
      socket.send(isBinary ? data : `${name}: ${data}`, { binary: isBinary }),
    )
  })
  app.get('/all', { websocket: true }, socket => {
    socket.on('message', data => {
      for (const client of app.websocketServer.clients) client.send(`all: ${data}`)
    })
  })
  app.get('/closing', { websocket: true }, socket => socket.close(4001, 'not today'))
  app.get('/failing', { websocket: true }, async () => {
    throw new Error('a handler that throws')
  })
  app.get('/http', async () => 'plain HTTP')
  app.route({
    method: 'GET',
    url: '/guarded',
    preValidation: async (request, reply) => {
      log.push('hook')
      if (request.headers.authorization === undefined) await reply.code(401).send('who are you?')
    },
    handler: async () => 'over HTTP',
    wsHandler: socket => socket.send('over WebSocket'),
  })
  await app.ready()
  const injected = {
    echo: await converse(await app.injectWS('/echo/ann'), 'hello', Buffer.from([1, 2, 3])),
    refused: await app.injectWS('/guarded').then(
      () => 'accepted',
      (error: Error) => error.message,
    ),
    onInit: await openedWithin(app),
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}`
  const found = {
    injected,
    echo: await converse(new WebSocket(`${url}/echo/bob`), 'hi', Buffer.alloc(60_000, 1)),
    tooLarge: (await closing(new WebSocket(`${url}/echo/bob`), Buffer.alloc(65 * 1024)))[0],
    broadcast: await broadcast(`${url}/all`),
    closing: await closing(new WebSocket(`${url}/closing`)),
    failing: await closing(new WebSocket(`${url}/failing`)),
    notFound: await rejection(new WebSocket(`${url}/missing`)),
    notWebSocket: await rejection(new WebSocket(`${url}/http`)),
    guarded: await rejection(new WebSocket(`${url}/guarded`)),
    http: await (await fetch(`http://127.0.0.1:${port}/http`)).text(),
    sameRoute: await (
      await fetch(`http://127.0.0.1:${port}/guarded`, { headers: { authorization: 'me' } })
    ).text(),
    log,
  }
  const last = new WebSocket(`${url}/echo/last`)
  await once(last, 'open')
  const closed = once(last, 'close')
  await app.close()
  const [code] = await closed
  return { ...found, shutdown: code }
}

async function opened(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.CONNECTING) await once(socket, 'open')
}

async function converse(socket: WebSocket, ...messages: (string | Buffer)[]): Promise<unknown[]> {
  const received = new Inbox<unknown>()
  socket.on('message', (data: Buffer, isBinary) =>
    received.push(isBinary ? data.toString('base64').slice(0, 100) : String(data)),
  )
  await opened(socket)
  for (const message of messages) socket.send(message)
  const answers = await received.take(messages.length)
  const closed = once(socket, 'close')
  socket.terminate()
  await closed
  return answers
}

/** A message that is sent by the server at once is seen by a listener added in `onInit`. */
async function openedWithin(app: ReturnType<typeof fastify>): Promise<string> {
  const received = new Inbox<string>()
  const socket = await app.injectWS(
    '/guarded',
    { headers: { authorization: 'me' } },
    { onInit: (ws: WebSocket) => ws.on('message', (data: Buffer) => received.push(String(data))) },
  )
  const text = await received.next()
  socket.terminate()
  return text
}

function closing(socket: WebSocket, message?: Buffer): Promise<[code: number, reason: string]> {
  if (message !== undefined) socket.on('open', () => socket.send(message))
  return closeOf(socket)
}

async function rejection(socket: WebSocket): Promise<unknown> {
  return await once(socket, 'open').then(
    () => 'open',
    (error: Error) => error.message,
  )
}

async function broadcast(url: string): Promise<unknown> {
  const sockets = Array.from({ length: 5 }, () => new WebSocket(url))
  await Promise.all(sockets.map(opened))
  const received = sockets.map(socket => once(socket, 'message'))
  sockets[0]!.send('hello')
  const texts = (await Promise.all(received)).map(([data]) => String(data))
  for (const socket of sockets) socket.close()
  await Promise.all(sockets.map(socket => once(socket, 'close')))
  return texts
}
