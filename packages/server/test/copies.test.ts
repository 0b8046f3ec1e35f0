// Two copies of this package on one HTTP server, as two versions in a monorepo or a bundle are, and
// other listeners that write without reading.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test, vi } from 'vitest'
import { type ServerOptions, type Socket, WebSocketServer } from '../src/index.ts'
import { FramePeer, text } from './frame-peer.ts'
import { gate } from './recording-server.ts'

const PATIENCE = 20

/** The class of another copy, with modules of its own. */
async function loadCopy(): Promise<typeof WebSocketServer> {
  vi.resetModules()
  const copy = (await import('../src/index.ts')).WebSocketServer
  expect(copy).not.toBe(WebSocketServer)
  return copy as typeof WebSocketServer
}

async function listen() {
  const http = createServer((_request, response) => response.end('a page'))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    http,
    port: (http.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
}

/** Attaches a server that answers messages with its name, on one path or on all. */
function attach(
  Server: typeof WebSocketServer,
  http: Server,
  name: string,
  path?: string,
  options: ServerOptions = {},
): WebSocketServer<unknown> {
  const message = (socket: Socket): void => void socket.send(name)
  const own = { handshakeTimeout: PATIENCE, ...options }
  const server = new Server<unknown>((path === undefined ? { ...own, message } : own) as ServerOptions)
  if (path !== undefined) server.route(path, { message })
  server.attach(http)
  return server
}

/** Waits until a request for an unknown path that is made now has been answered 404. */
async function waitForDeadline(port: number): Promise<void> {
  await using peer = await RawPeer.connect(port)
  await peer.write(upgradeRequest('/unknown'))
  expect(await peer.head()).toMatch(/^HTTP\/1\.1 404 /)
}

/** The bytes received after all deadlines of earlier requests: timers of one length fire in order. */
async function afterDeadlines(peer: RawPeer): Promise<string> {
  await new Promise(resolve => setTimeout(resolve, PATIENCE))
  await new Promise(setImmediate)
  return Buffer.from(peer.received).toString('latin1')
}

describe.each([false, true])('two copies of the package, the other one first: %j', isReversed => {
  const load = async () => {
    const copy = await loadCopy()
    return isReversed ? ([copy, WebSocketServer] as const) : ([WebSocketServer, copy] as const)
  }

  test('keep their own sockets, and answer an unknown path with 404 once and at once', async () => {
    const [First, Second] = await load()
    await using at = await listen()
    await using one = attach(First, at.http, 'one', '/one', { handshakeTimeout: 60_000 })
    await using two = attach(Second, at.http, 'two', '/two', { handshakeTimeout: 60_000 })
    await using first = await FramePeer.open(at.port, { path: '/one', first: text('?') })
    await using second = await FramePeer.open(at.port, { path: '/two', first: text('?') })
    expect([await first.frames(1), await second.frames(1)]).toEqual([['text one'], ['text two']])
    await waitForDeadline(at.port)
    await first.send(text('?'))
    await second.send(text('?'))
    expect([await first.frames(2), await second.frames(2)]).toEqual([
      ['text one', 'text one'],
      ['text two', 'text two'],
    ])
    expect(at.http.listenerCount('upgrade')).toBe(1)
    expect(one.stats().refused + two.stats().refused).toBe(1)
  })

  test('answer 101 once where both take all paths', async () => {
    const [First, Second] = await load()
    await using at = await listen()
    await using one = attach(First, at.http, 'one')
    await using two = attach(Second, at.http, 'two')
    await using peer = await FramePeer.open(at.port, { first: text('?') })
    expect(await peer.frames(1)).toEqual(['text one'])
    expect((await afterDeadlines(peer.raw)).match(/HTTP\/1/g)).toHaveLength(1)
    expect([one.stats().opened, two.stats().opened]).toEqual([1, 0])
  })

  test('go on after one of them has closed, and leave no listener', async () => {
    const [First, Second] = await load()
    await using at = await listen()
    const one = attach(First, at.http, 'one', '/one')
    const two = attach(Second, at.http, 'two', '/two')
    await one.close()
    await using peer = await FramePeer.open(at.port, { path: '/two', first: text('?') })
    expect(await peer.frames(1)).toEqual(['text two'])
    await two.close({ timeout: 0 })
    expect(at.http.listenerCount('upgrade')).toBe(0)
  })

  test('leave a request alone whose upgrade is pending at the other', async () => {
    const [First, Second] = await load()
    await using at = await listen()
    const { opened, open } = gate()
    const pending = new First({
      async upgrade() {
        await opened
        return {}
      },
      message: socket => void socket.send('first'),
    })
    at.http.on('upgrade', (request, transport, head) => {
      if (request.url === '/pending') pending.handleUpgrade(request, transport, head)
    })
    await using second = attach(Second, at.http, 'second', '/second')
    await using peer = await RawPeer.connect(at.port)
    await peer.write(upgradeRequest('/pending'))
    await waitForDeadline(at.port)
    open()
    expect(await peer.head()).toMatch(/^HTTP\/1\.1 101 /)
    expect((await afterDeadlines(peer)).match(/HTTP\/1/g)).toHaveLength(1)
    expect(second.stats()).toMatchObject({ refused: 1, opened: 0 })
    await pending.close({ timeout: 0 })
  })

  test('take a transport only once', async () => {
    const [First, Second] = await load()
    await using at = await listen()
    const options = { message: (socket: Socket) => void socket.send('kept') }
    const servers = [new First(options), new Second(options)] as const
    const errors: unknown[] = []
    at.http.on('upgrade', (request, transport, head) => {
      servers[0].handleUpgrade(request, transport, head)
      for (const again of [
        () => servers[1].handleUpgrade(request, transport, head),
        () => servers[1].adopt(transport, head, {}),
      ]) {
        try {
          again()
        } catch (error) {
          errors.push(String(error))
        }
      }
    })
    await using peer = await FramePeer.open(at.port, { first: text('?') })
    expect(await peer.frames(1)).toEqual(['text kept'])
    expect(errors).toEqual(Array(2).fill('Error: the transport is already in use by a WebSocket'))
    expect(servers[1].stats()).toMatchObject({ opened: 0, refused: 0, sockets: 0 })
    for (const server of servers) await server.close({ timeout: 0 })
  })
})

const ACCEPTED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n'

type Order = 'on' | 'prependListener' | 'once' | 'prependOnceListener'

describe.each<[order: Order, moment: 'before' | 'after']>([
  ['on', 'before'],
  ['on', 'after'],
  ['prependListener', 'before'],
  ['prependListener', 'after'],
  ['once', 'before'],
  ['once', 'after'],
])('another listener that only writes, added by %s %s the server', (order, moment) => {
  async function start(options: ServerOptions = {}) {
    const at = await listen()
    const transports: Duplex[] = []
    const listener = (request: IncomingMessage, transport: Duplex): void => {
      if (request.url !== '/pushes') return
      transport.on('error', () => {})
      transport.write(ACCEPTED)
      transports.push(transport)
    }
    if (moment === 'before') at.http[order]('upgrade', listener)
    const server = attach(WebSocketServer, at.http, 'ours', '/ours', options)
    if (moment === 'after') at.http[order]('upgrade', listener)
    return {
      ...at,
      server,
      transports,
      async [Symbol.asyncDispose]() {
        for (const transport of transports) transport.destroy()
        await server.close({ timeout: 0 })
        await at[Symbol.asyncDispose]()
      },
    }
  }

  test('keeps the connection that it has answered', async () => {
    await using both = await start()
    await using peer = await RawPeer.connect(both.port)
    await peer.write(upgradeRequest('/pushes'))
    expect(await peer.head()).toBe(ACCEPTED)
    expect(await afterDeadlines(peer)).toBe(ACCEPTED)
    both.transports[0]!.write('pushed')
    await peer.until(bytes => Buffer.from(bytes).toString().endsWith('pushed'))
    expect(both.server.stats()).toMatchObject({ refused: 0, opened: 0 })
  })

  test('keeps it before a server that takes all paths', async () => {
    if (order === 'once') return
    await using both = await start({ message: socket => void socket.send('all') } as ServerOptions)
    await using peer = await RawPeer.connect(both.port)
    await peer.write(upgradeRequest('/pushes'))
    await peer.head()
    expect(await afterDeadlines(peer)).toBe(ACCEPTED)
    await using other = await FramePeer.open(both.port, { path: '/other', first: text('?') })
    expect(await other.frames(1)).toEqual(['text all'])
  })

  test('keeps it when it comes after other requests on the same connection', async () => {
    if (order === 'once') return
    await using both = await start()
    // The order of the listeners is found at the first request.
    await waitForDeadline(both.port)
    await using peer = await RawPeer.connect(both.port)
    await peer.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await peer.until(bytes => Buffer.from(bytes).toString().includes('a page'))
    await peer.write(upgradeRequest('/pushes'))
    await peer.until(bytes => Buffer.from(bytes).toString().endsWith(ACCEPTED))
    expect((await afterDeadlines(peer)).endsWith(ACCEPTED)).toBe(true)
  })

  test('does not keep others from a 404 after other requests on the same connection', async () => {
    await using both = await start()
    await waitForDeadline(both.port)
    await using peer = await RawPeer.connect(both.port)
    await peer.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await peer.until(bytes => Buffer.from(bytes).toString().includes('a page'))
    await peer.write(upgradeRequest('/unknown'))
    expect(Buffer.from(await peer.ended()).toString()).toMatch(/HTTP\/1\.1 404 /)
  })
})
