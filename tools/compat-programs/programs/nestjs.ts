// NestJS with its WsAdapter: gateways on the HTTP port and on their own, events, observables, lifecycle.

import 'reflect-metadata'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { WsAdapter } from '@nestjs/platform-ws'
import { SubscribeMessage, WebSocketGateway, type WsResponse } from '@nestjs/websockets'
import { from, map, type Observable } from 'rxjs'
import { WebSocket, type WebSocketServer } from 'ws'
import { closeOf, Inbox } from '../lib.ts'

const lifecycle: string[] = []
let initialized: WebSocketServer | undefined

class Events {
  afterInit(server: WebSocketServer): void {
    lifecycle.push('init')
    initialized = server
  }
  handleConnection(): void {
    lifecycle.push('connection')
  }
  handleDisconnect(): void {
    lifecycle.push('disconnect')
  }
  add(_client: WebSocket, [a, b]: [number, number]): WsResponse<number> {
    return { event: 'sum', data: a + b }
  }
  count(_client: WebSocket, to: number): Observable<WsResponse<number>> {
    return from(Array.from({ length: to }, (_, i) => i + 1)).pipe(map(data => ({ event: 'count', data })))
  }
  broadcast(_client: WebSocket, data: string): void {
    for (const client of initialized!.clients) client.send(JSON.stringify({ event: 'all', data }))
  }
}

class Application {}

// Node strips types and does not compile decorators, so that they are applied by hand.
for (const name of ['add', 'count', 'broadcast'] as const) {
  const descriptor = Object.getOwnPropertyDescriptor(Events.prototype, name)!
  SubscribeMessage(name)(Events.prototype, name, descriptor)
}
WebSocketGateway({ path: '/events' })(Events)
Module({ providers: [Events] })(Application)

export async function run(): Promise<unknown> {
  const app = await NestFactory.create(Application, { logger: false })
  app.useWebSocketAdapter(new WsAdapter(app))
  await app.listen(0, '127.0.0.1')
  const { port } = app.getHttpServer().address() as AddressInfo
  const url = `ws://127.0.0.1:${port}/events`
  const [ann, bob] = [new WebSocket(url), new WebSocket(url)]
  await Promise.all([ann, bob].map(socket => once(socket, 'open')))
  const [toAnn, toBob] = [ann, bob].map(socket => {
    const received = new Inbox<unknown>()
    socket.on('message', data => received.push(JSON.parse(String(data))))
    return received
  })
  const ask = (event: string, data: unknown): void => ann.send(JSON.stringify({ event, data }))
  ask('add', [20, 22])
  const sum = await toAnn!.next()
  ask('count', 5)
  const counts = await toAnn!.take(5)
  ask('unknown', 'is ignored')
  ask('broadcast', 'hello')
  const broadcast = [await toAnn!.next(), await toBob!.next()]
  const missing = await once(new WebSocket(`ws://127.0.0.1:${port}/missing`), 'open').then(
    () => 'open',
    (error: Error) => error.message,
  )
  const closed = closeOf(ann)
  ann.close(1000, 'bye')
  const left = await closed
  const shutdown = closeOf(bob)
  await app.close()
  return { sum, counts, broadcast, missing, left, shutdown: await shutdown, lifecycle }
}
