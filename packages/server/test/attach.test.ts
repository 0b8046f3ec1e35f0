// Several upgrade listeners on one HTTP server (docs/hostile-inputs.md, row H27).

import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createCertificate, RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocket as NpmWebSocket, WebSocketServer as NpmWebSocketServer } from 'ws'
import { type ServerOptions, WebSocketServer } from '../src/index.ts'
import { close, FramePeer, text } from './frame-peer.ts'
import { gate } from './recording-server.ts'

async function listen() {
  const http = createServer()
  const transports = new Set<Duplex>()
  http.on('connection', transport => transports.add(transport))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    http,
    port: (http.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const transport of transports) transport.destroy()
      http.close()
      await once(http, 'close')
    },
  }
}

/** Attaches a server of this package that answers every message with its name. */
function attachServer(
  http: Server,
  name: string,
  path?: string,
  options?: ServerOptions,
): WebSocketServer<unknown> {
  const message = (socket: { send(data: string): boolean }): void => void socket.send(name)
  const server = new WebSocketServer<unknown>({ ...options, ...(path === undefined && { message }) })
  if (path !== undefined) server.route(path, { message })
  server.attach(http)
  return server
}

/** Attaches a server of npm `ws` for one path, as its README recommends for several servers. */
function attachNpmServer(
  http: Server,
  path: string,
): { server: NpmWebSocketServer; [Symbol.dispose](): void } {
  const server = new NpmWebSocketServer({ noServer: true })
  server.on('connection', socket => socket.on('message', () => socket.send('npm')))
  const listener = (request: IncomingMessage, transport: Duplex, head: Buffer): void => {
    if (request.url !== path) return
    server.handleUpgrade(request, transport, head, socket => server.emit('connection', socket, request))
  }
  http.on('upgrade', listener)
  return {
    server,
    [Symbol.dispose]() {
      http.off('upgrade', listener)
      for (const socket of server.clients) socket.terminate()
    },
  }
}

async function nameAt(port: number, path: string): Promise<string> {
  await using peer = await FramePeer.open(port, { path, first: text('name?') })
  return await answerOf(peer)
}

async function answerOf(peer: FramePeer, count = 1): Promise<string> {
  const frames = await peer.frames(count)
  expect(frames).toHaveLength(count)
  return frames.at(-1)!.slice('text '.length)
}

async function rejectionFrom(port: number, path: string): Promise<string> {
  await using peer = await RawPeer.connect(port)
  await peer.write(upgradeRequest(path))
  return Buffer.from(await peer.ended()).toString()
}

describe('two attached servers', () => {
  test('keep their own sockets, and answer 404 once on a path that neither has', async () => {
    await using at = await listen()
    await using _one = attachServer(at.http, 'one', '/one')
    await using _two = attachServer(at.http, 'two', '/two')
    expect(at.http.listenerCount('upgrade')).toBe(1)
    await using first = await FramePeer.open(at.port, { path: '/one', first: text('1') })
    await using second = await FramePeer.open(at.port, { path: '/two', first: text('1') })
    const refusal = await rejectionFrom(at.port, '/three')
    expect(refusal).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(refusal.match(/HTTP\/1/g)).toHaveLength(1)
    await first.send(text('2'))
    await second.send(text('2'))
    expect(await answerOf(first, 2)).toBe('one')
    expect(await answerOf(second, 2)).toBe('two')
  })

  test('let only the first answer on a path that both have', async () => {
    await using at = await listen()
    await using one = attachServer(at.http, 'one', '/')
    await using two = attachServer(at.http, 'two', '/')
    await using peer = await FramePeer.open(at.port, { first: text('name?') })
    expect(await answerOf(peer)).toBe('one')
    expect([one.stats().sockets, two.stats().sockets]).toEqual([1, 0])
  })

  test('leave unknown paths to a server without routes', async () => {
    await using at = await listen()
    await using _one = attachServer(at.http, 'one', '/one')
    await using _rest = attachServer(at.http, 'rest')
    expect(await nameAt(at.port, '/one')).toBe('one')
    expect(await nameAt(at.port, '/other')).toBe('rest')
  })

  test.each(['/one', '/'])('work on after one has closed, with the other on the path %s', async path => {
    await using at = await listen()
    const one = attachServer(at.http, 'one', '/one')
    await using _two = attachServer(at.http, 'two', path)
    await using leaving = await FramePeer.open(at.port, { path: '/one' })
    const closed = one.close()
    expect(await leaving.frames(1)).toEqual(['close 1001'])
    // A closing server answers only on paths that no other server has.
    expect(await nameAt(at.port, path)).toBe('two')
    if (path !== '/one') expect(await rejectionFrom(at.port, '/one')).toMatch(/^HTTP\/1\.1 503 /)
    expect(await rejectionFrom(at.port, '/three')).toMatch(/^HTTP\/1\.1 404 /)
    await leaving.send(close(1001))
    leaving.raw.end()
    await closed
    expect(await nameAt(at.port, path)).toBe('two')
    if (path !== '/one') expect(await rejectionFrom(at.port, '/one')).toMatch(/^HTTP\/1\.1 404 /)
  })

  test('leave no listener on the HTTP server after closing', async () => {
    await using at = await listen()
    await attachServer(at.http, 'one', '/one').close()
    await attachServer(at.http, 'two', '/two').close()
    expect(at.http.listenerCount('upgrade')).toBe(0)
    await using _three = attachServer(at.http, 'three', '/three')
    expect(await nameAt(at.port, '/three')).toBe('three')
  })
})

describe.each(['before', 'after'])('another upgrade listener attached %s the server', order => {
  async function startBoth(options?: ServerOptions) {
    const at = await listen()
    const first = order === 'before' ? attachNpmServer(at.http, '/npm') : undefined
    const server = attachServer(at.http, 'ours', '/ours', options)
    const npm = first ?? attachNpmServer(at.http, '/npm')
    return {
      ...at,
      server,
      npm,
      async [Symbol.asyncDispose]() {
        npm[Symbol.dispose]()
        await server.close({ timeout: 0 })
        await at[Symbol.asyncDispose]()
      },
    }
  }

  test('keeps its own sockets', async () => {
    await using both = await startBoth({ handshakeTimeout: 20 })
    await using ours = await FramePeer.open(both.port, { path: '/ours', first: text('1') })
    await using npm = await FramePeer.open(both.port, { path: '/npm', first: text('1') })
    expect(await answerOf(ours)).toBe('ours')
    expect(await answerOf(npm)).toBe('npm')
    // This deadline is later than one for the two earlier requests would be.
    expect(await rejectionFrom(both.port, '/unknown')).toMatch(/^HTTP\/1\.1 404 /)
    await ours.send(text('2'))
    await npm.send(text('2'))
    expect(await answerOf(ours, 2)).toBe('ours')
    expect(await answerOf(npm, 2)).toBe('npm')
    expect([both.server.stats().sockets, both.npm.server.clients.size]).toEqual([1, 1])
  })

  test('lets the server answer 404 once on an unknown path at handshakeTimeout', async () => {
    await using both = await startBoth({ handshakeTimeout: 20 })
    const refusal = await rejectionFrom(both.port, '/unknown')
    expect(refusal).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(refusal.match(/HTTP\/1/g)).toHaveLength(1)
    expect(both.server.stats()).toMatchObject({ refused: 1 })
  })

  test('survives a reset before handshakeTimeout', async () => {
    await using both = await startBoth({ handshakeTimeout: 20 })
    const requested = once(both.http, 'upgrade')
    await using peer = await RawPeer.connect(both.port)
    await peer.write(upgradeRequest('/unknown'))
    const [, transport] = (await requested) as [unknown, Duplex]
    const closed = new Promise(resolve => transport.on('close', resolve))
    peer.reset()
    await closed
    expect(await nameAt(both.port, '/ours')).toBe('ours')
  })

  test('gets a 503 for a pending request when the server closes', async () => {
    await using both = await startBoth({ handshakeTimeout: 20 })
    const requested = once(both.http, 'upgrade')
    await using peer = await RawPeer.connect(both.port)
    await peer.write(upgradeRequest('/unknown'))
    await requested
    await both.server.close()
    expect(Buffer.from(await peer.ended()).toString()).toMatch(/^HTTP\/1\.1 503 /)
    expect(both.http.listenerCount('upgrade')).toBe(1)
    expect(await nameAt(both.port, '/npm')).toBe('npm')
  })
})

describe('another upgrade listener', () => {
  test('keeps the sockets that it accepts before a server without routes', async () => {
    await using at = await listen()
    using npm = attachNpmServer(at.http, '/npm')
    await using server = attachServer(at.http, 'ours')
    expect(await nameAt(at.port, '/npm')).toBe('npm')
    expect(await nameAt(at.port, '/other')).toBe('ours')
    expect(npm.server.clients.size + server.stats().sockets).toBeLessThanOrEqual(2)
  })

  test('can reject a request before the server sees it', async () => {
    await using at = await listen()
    at.http.on('upgrade', (request, transport) => {
      if (request.url === '/no') transport.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    })
    await using _server = attachServer(at.http, 'ours')
    expect(await rejectionFrom(at.port, '/no')).toBe('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
  })

  test('is not interrupted if it answers late', async () => {
    await using at = await listen()
    const { opened, open } = gate()
    const answered = gate()
    at.http.on('upgrade', (request, transport) => {
      if (request.url !== '/slow') return
      void opened.then(() => {
        transport.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n')
        answered.open()
      })
    })
    await using server = attachServer(at.http, 'ours', '/ours', { handshakeTimeout: 50 })
    await using peer = await RawPeer.connect(at.port)
    await peer.write(upgradeRequest('/slow'))
    open()
    await answered.opened
    // This request was made later, so its deadline is later too.
    expect(await rejectionFrom(at.port, '/unknown')).toMatch(/^HTTP\/1\.1 404 /)
    expect(
      Buffer.from(peer.received)
        .toString()
        .match(/HTTP\/1/g),
    ).toHaveLength(1)
    expect(server.stats().refused).toBe(1)
  })

  test('can pass a request to a server by calling handleUpgrade', async () => {
    await using at = await listen()
    const unattached = new WebSocketServer({ message: socket => socket.send('unattached') })
    at.http.on('upgrade', (request, transport, head) => {
      if (request.url === '/own') unattached.handleUpgrade(request, transport, head)
    })
    await using server = attachServer(at.http, 'ours')
    expect(await nameAt(at.port, '/own')).toBe('unattached')
    expect(await nameAt(at.port, '/other')).toBe('ours')
    expect(server.stats()).toMatchObject({ opened: 1, refused: 0 })
    await unattached.close({ timeout: 0 })
  })
})

test('H27: handleUpgrade throws for a transport with a pending upgrade, which still completes', async () => {
  await using at = await listen()
  const { opened, open } = gate()
  const server = new WebSocketServer({
    async upgrade() {
      await opened
      return { data: 'kept' }
    },
    message: socket => socket.send(socket.data),
  })
  const errors: unknown[] = []
  at.http.on('upgrade', (request, transport, head) => {
    server.handleUpgrade(request, transport, head)
    try {
      server.handleUpgrade(request, transport, head)
    } catch (error) {
      errors.push(error)
    }
    open()
  })
  expect(await nameAt(at.port, '/')).toBe('kept')
  expect(errors.map(String)).toEqual([expect.stringContaining('already in use by a WebSocket')])
  await server.close({ timeout: 0 })
})

test('a server can be attached to anything that emits upgrade', async () => {
  await using server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
  const http = createServer()
  const emitter = new EventEmitter()
  http.on('upgrade', (...event) => emitter.emit('upgrade', ...event))
  server.attach(emitter)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  await using peer = await FramePeer.open((http.address() as AddressInfo).port, { first: text('through') })
  expect(await peer.frames(1)).toEqual(['text through'])
  http.close()
})

test('a server can be attached to an HTTP/2 server that allows HTTP/1', async () => {
  await using server = new WebSocketServer({ open: socket => socket.send('over TLS') })
  const http = createSecureServer({ ...createCertificate(), allowHTTP1: true })
  server.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const socket = new NpmWebSocket(`wss://127.0.0.1:${port}/`, { rejectUnauthorized: false })
  const [data] = await once(socket, 'message')
  expect(String(data)).toBe('over TLS')
  socket.terminate()
  http.close()
})
