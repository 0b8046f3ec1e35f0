// `adopt`, for programs that answer the opening handshake themselves, and `shareTransport`.

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import { isOwned } from '@ws/connection'
import { accept, formatResponse, validateRequest } from '@ws/handshake'
import { expect, test } from 'vitest'
import { type ServerOptions, WebSocketServer } from '../src/index.ts'
import { close, FramePeer, text } from './frame-peer.ts'

const NOTHING = new Uint8Array(0)

/** An HTTP server that calls `onUpgrade` with each upgrade request. */
async function listen(onUpgrade: (request: IncomingMessage, transport: Duplex, head: Buffer) => void) {
  const http = createServer().on('upgrade', onUpgrade)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    port: (http.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      http.close()
      await once(http, 'close')
    },
  }
}

function answer(request: IncomingMessage, transport: Duplex, protocol: string): void {
  const valid = validateRequest(request)
  if (!valid.ok) throw new Error(valid.body)
  transport.write(formatResponse(accept(valid, { protocol: protocol })))
}

test('adopts a transport whose 101 the caller has written, with data and a protocol', async () => {
  const reports: unknown[] = []
  const server = new WebSocketServer({
    upgrade: (): { data: { name: string } } => {
      throw new Error('upgrade must not be called')
    },
    open: socket => socket.send(`hello ${socket.data.name}`),
    message: (socket, data) => socket.send(data),
    close: (_, { code }) => void reports.push(code),
  })
  await using http = await listen((request, transport, head) => {
    answer(request, transport, 'chat')
    const socket = server.adopt(transport, head, { data: { name: 'ann' }, protocol: 'chat', path: '/x' })
    expect(socket).toMatchObject({ protocol: 'chat', path: '/x', remoteAddress: '127.0.0.1', search: '' })
  })
  const lines = { 'Sec-WebSocket-Protocol': 'chat' }
  await using peer = await FramePeer.open(http.port, { lines, first: text('first') })
  expect(await peer.frames(2)).toEqual(['text hello ann', 'text first'])
  expect(Array.from(server.sockets, ({ data }) => data.name)).toEqual(['ann'])
  await peer.send(close(1000))
  await peer.ended()
  peer.raw.end()
  await server.close()
  expect(reports).toEqual([1000])
  expect(server.stats()).toMatchObject({ opened: 1, closed: 1, sockets: 0 })
})

test.each<[string, ServerOptions, object, RegExp]>([
  ['an unknown option', {}, { date: 1 }, /unknown option "date"/],
  ['a full server', { maxSockets: 1 }, {}, /as many connections as it takes/],
])('throws for %s, and leaves the transport untouched', async (_, options, adopted, message) => {
  await using server = new WebSocketServer<unknown>(options)
  const [first] = duplexPair()
  server.adopt(first, NOTHING, {})
  const [transport] = duplexPair()
  expect(() => server.adopt(transport, NOTHING, adopted)).toThrow(message)
  expect([isOwned(transport), transport.destroyed, transport.writableLength]).toEqual([false, false, 0])
  expect(server.stats().sockets).toBe(1)
  first.destroy()
})

test('does not adopt a transport twice, a closed one, or any after close', async () => {
  const server = new WebSocketServer()
  const [transport, far] = duplexPair()
  server.adopt(transport, NOTHING, {})
  expect(() => server.adopt(transport, NOTHING, {})).toThrow('the transport is already in use')
  const [closed] = duplexPair()
  closed.destroy()
  expect(() => server.adopt(closed, NOTHING, {})).toThrow('the transport has closed')
  far.resume()
  far.end()
  await server.close({ timeout: 0 })
  expect(() => server.adopt(duplexPair()[0], NOTHING, {})).toThrow('the server has been closed')
  expect(server.stats()).toMatchObject({ opened: 1, closed: 1 })
})

test.each([true, false])(
  'other data listeners get the bytes as sent only if shareTransport: %s',
  async shareTransport => {
    const server = new WebSocketServer({ shareTransport, message: (socket, data) => socket.send(data) })
    const seen: Buffer[] = []
    await using http = await listen((request, transport, head) => {
      server.handleUpgrade(request, transport, head)
      transport.on('data', (chunk: Buffer) => seen.push(chunk))
    })
    await using peer = await FramePeer.open(http.port)
    const frame = text('hello')
    await peer.send(frame)
    expect(await peer.frames(1)).toEqual(['text hello'])
    expect(Buffer.concat(seen)).toEqual(Buffer.from(shareTransport ? frame : NOTHING))
    await server.close({ timeout: 0 })
  },
)

test('other data listeners get the frames that arrived with the request', async () => {
  const server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
  const seen: Buffer[] = []
  await using http = await listen((request, transport, head) => {
    transport.on('data', (chunk: Buffer) => seen.push(Buffer.from(chunk)))
    server.handleUpgrade(request, transport, head)
  })
  const [first, second] = [text('first'), text('second')]
  await using peer = await FramePeer.open(http.port, { first })
  await peer.send(second)
  expect(await peer.frames(2)).toEqual(['text first', 'text second'])
  expect(Buffer.concat(seen)).toEqual(Buffer.concat([first, second]))
  await server.close({ timeout: 0 })
})
