import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from '../src/index.ts'

const request = (path: string, line = 'X: y') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${line}\r\n\r\n`

/** A server whose `http` handler collects responses instead of ending them. */
async function listen() {
  const waiting: ServerResponse[] = []
  const server = new WebSocketServer({
    http: (_: IncomingMessage, response: ServerResponse) => void waiting.push(response),
  })
  const { port } = await server.listen(0)
  return {
    port,
    waiting,
    async [Symbol.asyncDispose]() {
      await server.close({ timeout: 0 })
    },
  }
}

describe('pipelined requests', () => {
  test('are all answered when 64 are unanswered at a time', async () => {
    await using served = await listen()
    await using peer = await RawPeer.connect(served.port)
    for (let round = 1; round <= 3; round++) {
      await peer.write(request('/').repeat(64))
      while (served.waiting.length < 64) await new Promise(setImmediate)
      for (const response of served.waiting.splice(0)) response.end('a page')
      await peer.until(bytes => Buffer.from(bytes).toString().split('a page').length === 64 * round + 1)
    }
  })

  test.each([
    ['', 'X: y'],
    [' that ask to continue', 'Expect: 100-continue'],
    [' with another expectation', 'Expect: a miracle'],
  ])('end the connection when 65 are unanswered%s', async (_, line) => {
    await using served = await listen()
    await using peer = await RawPeer.connect(served.port)
    // Nothing is answered behind the first one.
    await peer.write(request('/') + request('/', line).repeat(1000))
    await peer.ended()
    expect(served.waiting.length).toBeLessThanOrEqual(64)
  })

  test('with an expectation that cannot be met are answered 417', async () => {
    await using served = await listen()
    await using peer = await RawPeer.connect(served.port)
    await peer.write(request('/', 'Expect: a miracle'))
    expect(await peer.head()).toMatch(/^HTTP\/1\.1 417 /)
  })

  test('leave the server as it is for other connections', async () => {
    await using served = await listen()
    await using greedy = await RawPeer.connect(served.port)
    await using modest = await RawPeer.connect(served.port)
    await greedy.write(request('/').repeat(65))
    await greedy.ended()
    served.waiting.splice(0)
    await modest.write(request('/'))
    while (served.waiting.length < 1) await new Promise(setImmediate)
    served.waiting[0]!.end('a page')
    expect(await modest.head()).toMatch(/^HTTP\/1\.1 200 /)
  })
})

test('the requests of a server that was attached to are its own business', async () => {
  const waiting: ServerResponse[] = []
  const http = createServer((_, response) => void waiting.push(response))
  const server = new WebSocketServer()
  server.attach(http)
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as { port: number }
  {
    await using peer = await RawPeer.connect(port)
    await peer.write(request('/').repeat(100))
    while (waiting.length < 100) await new Promise(setImmediate)
  }
  await server.close({ timeout: 0 })
  http.close()
})

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown

/** A server that listens by itself. */
async function listenWith(http: Answer) {
  const server = new WebSocketServer({ http, message() {} })
  const { port } = await server.listen()
  return { server, port, end: async () => void (await server.close({ timeout: 0 })) }
}

/** One that is attached to an HTTP server. */
async function attachWith(answer: Answer) {
  const server = new WebSocketServer({ message() {} })
  const http = createServer((request, response) => void answer(request, response))
  server.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    server,
    port: (http.address() as AddressInfo).port,
    async end() {
      await server.close({ timeout: 0 })
      http.close()
      http.closeAllConnections()
    },
  }
}

describe.each([
  ['listens', listenWith],
  ['is attached', attachWith],
])('an upgrade request behind an unfinished response, on a server that %s', (_, start) => {
  const invalid = upgradeRequest('/', { 'Sec-WebSocket-Version': '8' })

  test.each([
    ['a valid one', upgradeRequest()],
    ['an invalid one', invalid],
  ])('is ignored, and the connection is closed after the response: %s', async (_, upgrade) => {
    const responses: ServerResponse[] = []
    const { server, port, end } = await start((_request, response) => responses.push(response))
    await using peer = await RawPeer.connect(port)
    await peer.write(request('/a') + request('/b') + upgrade)
    while (responses.length < 2 || server.stats().refused === 0) await new Promise(setImmediate)
    responses[1]!.end('second')
    responses[0]!.writeHead(200, { 'Content-Length': 10 })
    responses[0]!.write('first')
    await peer.until(bytes => Buffer.from(bytes).toString().endsWith('first'))
    responses[0]!.end('ended')
    const text = Buffer.from(await peer.ended()).toString()
    expect(text).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\nfirstendedHTTP\/1\.1 200 .*second/s)
    expect(text).not.toContain('Upgrade')
    expect(server.stats()).toMatchObject({ opened: 0, refused: 1 })
    await end()
  })

  test('is ignored behind a response that is larger than the buffers on the way', async () => {
    const size = 16 * 1024 * 1024
    const { port, end } = await start((_request, response) => {
      response.writeHead(200, { 'Content-Length': size })
      const pieces = Array(size / 65_536).fill(Buffer.alloc(65_536, 'x'))
      Readable.from(pieces, { objectMode: false, highWaterMark: 65_536 }).pipe(response)
    })
    await using peer = await RawPeer.connect(port)
    await peer.write(request('/') + upgradeRequest())
    const bytes = await peer.ended()
    expect(bytes.length).toBeGreaterThan(size)
    expect(Buffer.from(bytes.subarray(-200)).toString()).toBe('x'.repeat(200))
    await end()
  })

  test('does no harm when the client leaves', async () => {
    const { promise: requested, resolve } = Promise.withResolvers<ServerResponse>()
    const { server, port, end } = await start((_request, response) => resolve(response))
    const peer = await RawPeer.connect(port)
    await peer.write(request('/') + upgradeRequest())
    const response = await requested
    while (server.stats().refused === 0) await new Promise(setImmediate)
    const closed = once(response, 'close')
    peer.reset()
    await closed
    response.end('too late')
    await using other = await RawPeer.connect(port)
    await other.write(upgradeRequest())
    expect(await other.head()).toMatch(/^HTTP\/1\.1 101 /)
    await end()
  })
})

test('an unfinished response with an upgrade request behind it does not keep a server of its own from closing', async () => {
  const { server, port } = await listenWith(() => {})
  await using peer = await RawPeer.connect(port)
  await peer.write(request('/') + upgradeRequest())
  while (server.stats().refused === 0) await new Promise(setImmediate)
  await server.close()
  await peer.ended()
})

test('an unfinished response with an upgrade request behind it outlives a server that is attached', async () => {
  const { promise: requested, resolve } = Promise.withResolvers<ServerResponse>()
  const { server, port, end } = await attachWith((_request, response) => resolve(response))
  await using peer = await RawPeer.connect(port)
  await peer.write(request('/') + upgradeRequest())
  while (server.stats().refused === 0) await new Promise(setImmediate)
  await server.close()
  const response = await requested
  response.end('a page')
  expect(Buffer.from(await peer.ended()).toString()).toMatch(/a page/)
  await end()
})

test('an upgrade request after a finished response on the same connection is accepted', async () => {
  const { port, end } = await attachWith((_request, response) => response.end('a page'))
  await using peer = await RawPeer.connect(port)
  await peer.write(request('/'))
  await peer.until(bytes => Buffer.from(bytes).toString().includes('a page'))
  await peer.write(upgradeRequest())
  await peer.until(bytes => Buffer.from(bytes).toString().includes('HTTP/1.1 101 '))
  await end()
})

test('an upgrade request for an unknown path behind an unfinished response is ignored beside other listeners', async () => {
  const responses: ServerResponse[] = []
  const server = new WebSocketServer({ handshakeTimeout: 20 })
  server.route('/ours', { message() {} })
  const http = createServer((_request, response) => void responses.push(response))
  http.on('upgrade', () => {})
  server.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  await using peer = await RawPeer.connect((http.address() as AddressInfo).port)
  await peer.write(request('/') + upgradeRequest('/unknown'))
  while (responses.length === 0) await new Promise(setImmediate)
  responses[0]!.write('a')
  while (server.stats().refused === 0) await new Promise(setImmediate)
  responses[0]!.end('page')
  const text = Buffer.from(await peer.ended()).toString()
  expect(text.match(/HTTP\/1/g)).toHaveLength(1)
  expect(text).toMatch(/\r\n0\r\n\r\n$/)
  await server.close()
  http.close()
})
