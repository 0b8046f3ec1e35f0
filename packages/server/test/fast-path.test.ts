// The fast path of a listening server, which must behave as Node's own parser does.

import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import type { Socket as NetSocket } from 'node:net'
import { RawPeer, upgradeRequest, utf8 } from '@ws/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ServerOptions, type Socket, WebSocketServer } from '../src/index.ts'
import { close, FramePeer, text } from './frame-peer.ts'
import { gate } from './recording-server.ts'
import { turns } from './test-server.ts'

/** The server's side of all connections. */
let transports: NetSocket[]
const onConnection = (message: unknown): void =>
  void transports.push((message as { socket: NetSocket }).socket)

beforeEach(() => {
  transports = []
  subscribe('net.server.socket', onConnection)
})
afterEach(() => void unsubscribe('net.server.socket', onConnection))

const ACCEPTANCE =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'
const PAGE = 'GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n'

async function listen(options: ServerOptions = {}): Promise<{
  server: WebSocketServer<unknown>
  port: number
  [Symbol.asyncDispose](): Promise<void>
}> {
  const server = new WebSocketServer<unknown>({
    http: (_request, response) => response.end('a page'),
    message: (socket, data) => socket.send(data),
    ...options,
  })
  const { port } = await server.listen(0)
  return {
    server,
    port,
    async [Symbol.asyncDispose]() {
      await server.close({ timeout: 0 })
    },
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turns(1)
}

describe('a request with frames behind it', () => {
  test('is accepted the same way for every split in two', async () => {
    await using listening = await listen()
    const bytes = Buffer.concat([utf8(upgradeRequest()), text('hello')])
    const expected = Buffer.concat([utf8(ACCEPTANCE), Uint8Array.of(0x81, 5), utf8('hello')])
    for (let cut = 1; cut <= bytes.length; cut++) {
      await using peer = await RawPeer.connect(listening.port)
      await peer.write(bytes.subarray(0, cut))
      await until(() => transports.at(cut - 1)?.bytesRead === cut)
      await peer.write(bytes.subarray(cut))
      const received = await peer.until(({ length }) => length >= expected.length)
      expect(Buffer.from(received)).toEqual(expected)
      peer.reset()
    }
  })

  test('is paused while `upgrade` is pending', async () => {
    const { opened, open } = gate()
    const messages: unknown[] = []
    await using listening = await listen({
      upgrade: async () => {
        await opened
        return { data: undefined as never }
      },
      message: (_socket, data) => void messages.push(data),
      maxMessageSize: 2 ** 20,
    })
    await using peer = await RawPeer.connect(listening.port)
    const long = 'x'.repeat(70_000)
    const first = Buffer.concat([text('first'), text(long), text('last')])
    const sent = peer.write(Buffer.concat([utf8(upgradeRequest()), first]))
    await until(() => transports[0]?.isPaused() === true)
    expect(messages).toEqual([])
    open()
    await sent
    await peer.head()
    await until(() => messages.length === 3)
    expect(messages).toEqual(['first', long, 'last'])
  })

  test('can include a Close', async () => {
    await using listening = await listen()
    await using peer = await FramePeer.open(listening.port, {
      first: Buffer.concat([text('a'), close(1000)]),
    })
    expect(await peer.ended()).toEqual(['text a', 'close 1000'])
  })
})

describe('an ordinary request', () => {
  test('is answered before an upgrade on the same connection, and next to one', async () => {
    await using listening = await listen()
    await using peer = await RawPeer.connect(listening.port)
    await peer.write(PAGE)
    await peer.until(bytes => Buffer.from(bytes).includes('a page'))
    await peer.write(Buffer.concat([utf8(upgradeRequest()), text('hello')]))
    const bytes = await peer.until(received => Buffer.from(received).includes('\x81\x05hello', 0, 'latin1'))
    expect(Buffer.from(bytes).toString('latin1')).toContain(ACCEPTANCE)
    expect(await (await fetch(`http://127.0.0.1:${listening.port}/`)).text()).toBe('a page')
  })

  test('is answered when it shares a chunk with an upgrade request', async () => {
    await using listening = await listen()
    await using peer = await RawPeer.connect(listening.port)
    await peer.write(PAGE + upgradeRequest())
    await peer.until(bytes => Buffer.from(bytes).includes(ACCEPTANCE))
  })
})

describe('a request that Node does not accept as an upgrade', () => {
  test.each([
    { Connection: '\xa0Upgrade' },
    { Connection: 'Upgrade\xa0' },
    { Connection: 'keep-alive,\xa0Upgrade' },
    { Upgrade: '\xa0websocket' },
  ])('gets the page whether it is sent in one chunk or two: %j', async lines => {
    await using listening = await listen()
    const request = upgradeRequest('/', lines)
    for (const cut of [request.length, 20]) {
      await using peer = await RawPeer.connect(listening.port)
      await peer.write(request.slice(0, cut))
      await until(() => transports.at(-1)?.bytesRead === cut)
      await peer.write(request.slice(cut))
      expect(await peer.head()).toContain(' 200 ')
    }
  })
})

describe('a request with a large body', () => {
  test('is read completely after the fast path has declined it', async () => {
    const body = Buffer.alloc(2 ** 21, 'a text that has 25 letters')
    await using listening = await listen({
      http(request, response) {
        const chunks: Buffer[] = []
        request.on('data', chunk => chunks.push(chunk))
        request.on('end', () => response.end(String(Buffer.concat(chunks).equals(body))))
      },
    })
    for (let i = 0; i < 3; i++) {
      await using peer = await RawPeer.connect(listening.port)
      void peer.write(
        Buffer.concat([
          utf8(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`),
          body,
        ]),
      )
      const received = await peer.until(bytes => Buffer.from(bytes).includes('\r\n\r\ntrue'))
      expect(Buffer.from(received).toString('latin1')).toContain(' 200 OK')
    }
  })
})

describe('an upgrade handler', () => {
  test('receives equal requests from the fast path and from Node', async () => {
    const seen: object[] = []
    const handshakes: { request: IncomingMessage; status: number }[] = []
    const onHandshake = (message: unknown): void =>
      void handshakes.push(message as (typeof handshakes)[number])
    subscribe('@ws/server:handshake', onHandshake)
    await using listening = await listen({
      trustProxy: ['loopback'],
      upgrade({ raw, headers, url, path, search, origin, remoteAddress, protocols }) {
        const { method, httpVersion, rawHeaders } = raw
        seen.push({
          method,
          httpVersion,
          rawHeaders,
          ofNode: raw.headers,
          distinct: raw.headersDistinct,
        })
        seen.push({ headers: [...headers], url: url.href, path, search, origin, remoteAddress, protocols })
        seen.push({ port: raw.socket.remotePort, published: handshakes.length })
        return path === '/no' ? new Response('no', { status: 401 }) : { data: undefined as never }
      },
    })
    const request = upgradeRequest('/a//%2e?b=c', {
      Cookie: ['a=1', 'b=2'],
      'X-Forwarded-For': '192.0.2.1, 192.0.2.2',
      'X-Latin': 'ñ\x80',
      Origin: 'http://localhost',
      'Sec-WebSocket-Protocol': 'b, a',
    })
    const ports: number[] = []
    for (const cut of [request.length, 100]) {
      await using peer = await RawPeer.connect(listening.port)
      ports.push(peer.localPort)
      await peer.write(request.slice(0, cut))
      await until(() => transports.at(-1)?.bytesRead === cut && transports.length === ports.length)
      await peer.write(request.slice(cut))
      expect(await peer.head()).toContain(' 101 ')
    }
    unsubscribe('@ws/server:handshake', onHandshake)
    expect(channel('@ws/server:handshake').hasSubscribers).toBe(false)
    expect(seen.slice(0, 2)).toEqual(seen.slice(3, 5))
    expect(seen[1]).toMatchObject({ remoteAddress: '192.0.2.2', path: '/a//%2e' })
    expect([seen[2], seen[5]]).toEqual([
      { port: ports[0], published: 0 },
      { port: ports[1], published: 1 },
    ])
    expect(handshakes.map(({ request: { url }, status }) => [url, status])).toEqual(
      Array(2).fill(['/a//%2e?b=c', 101]),
    )
    expect(handshakes[0]!.request.headers).toEqual(handshakes[1]!.request.headers)
  })
})

describe('the response', () => {
  test.each([
    ['/', { 'Sec-WebSocket-Key': 'short' }, 400],
    ['/', { 'Sec-WebSocket-Version': '8' }, 426],
    ['/', { Origin: 'http://evil.example' }, 403],
    ['/', { Host: undefined }, 400],
    ['/', { 'Content-Length': '0' }, 101],
  ])('is the same for a request for %s with %j in one chunk and in two: %d', async (path, lines, status) => {
    await using listening = await listen()
    const request = upgradeRequest(path, lines)
    const heads: string[] = []
    for (const cut of [request.length, 20]) {
      await using peer = await RawPeer.connect(listening.port)
      await peer.write(request.slice(0, cut))
      await until(() => transports[heads.length]?.bytesRead === cut)
      await peer.write(request.slice(cut))
      heads.push(await peer.head())
      if (status !== 101) await peer.ended()
      peer.end()
    }
    expect(heads[0]).toBe(heads[1])
    expect(heads[0]).toContain(` ${status} `)
  })
})

describe('WebSocketServer.close', () => {
  test('does not wait for connections without a request', async () => {
    const sockets: Socket[] = []
    await using listening = await listen({ open: socket => void sockets.push(socket) })
    const peers = await Promise.all(Array.from({ length: 10 }, () => RawPeer.connect(listening.port)))
    await until(() => transports.length === 10)
    await listening.server.close()
    for (const peer of peers) {
      await peer.ended()
      await peer[Symbol.asyncDispose]()
    }
    expect(sockets).toEqual([])
    expect(transports.every(({ destroyed }) => destroyed)).toBe(true)
  })
})
