// express-ws: routes with parameters and middleware, routers, a broadcast, closing.

import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type NextFunction, type Request } from 'express'
import expressWs from 'express-ws'
import { WebSocket } from 'ws'
import { close, closeOf, Inbox } from '../lib.ts'

export async function run(): Promise<unknown> {
  const { app, applyTo, getWss } = expressWs(express())
  const log: string[] = []
  app.use((request: Request, _response: unknown, next: NextFunction) => {
    log.push(request.path)
    next()
  })
  app.get('/plain', (_request, response) => {
    response.send('plain HTTP')
  })
  app.ws('/echo/:name', (socket, request) => {
    socket.on('message', data => socket.send(`${request.params.name}: ${data}`))
  })
  app.ws('/all', socket => {
    socket.on('message', data => {
      for (const client of getWss().clients) client.send(String(data))
    })
  })
  const router = express.Router() as expressWs.Router
  applyTo(router)
  router.ws('/inner', (socket, request) => {
    socket.send(String(request.query.q))
    socket.close(4000, 'inner')
  })
  app.use('/router', router)
  const server: Server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}`
  const found = {
    echo: await echo(`${url}/echo/ann`),
    all: await broadcast(`${url}/all`),
    inner: await inner(`${url}/router/inner?q=question`),
    missing: await closeOf(new WebSocket(`${url}/missing`)),
    plain: await (await fetch(`http://127.0.0.1:${port}/plain`)).text(),
    log,
  }
  await close(server)
  return found
}

async function echo(url: string): Promise<unknown> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  const received = new Inbox<string>()
  socket.on('message', data => received.push(String(data)))
  socket.send('one')
  socket.send('two')
  const texts = await received.take(2)
  socket.close(1000)
  return [texts, await closeOf(socket)]
}

async function broadcast(url: string): Promise<unknown> {
  const sockets = Array.from({ length: 4 }, () => new WebSocket(url))
  await Promise.all(sockets.map(socket => once(socket, 'open')))
  const received = sockets.map(socket => once(socket, 'message'))
  sockets[1]!.send('to all')
  const texts = (await Promise.all(received)).map(([data]) => String(data))
  const closed = sockets.map(closeOf)
  for (const socket of sockets) socket.close()
  return [texts, await Promise.all(closed)]
}

async function inner(url: string): Promise<unknown> {
  const socket = new WebSocket(url)
  const closed = closeOf(socket)
  const [data] = await once(socket, 'message')
  return [String(data), await closed]
}
