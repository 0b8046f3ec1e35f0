// Several WebSocket servers and other `upgrade` listeners on one HTTP server
// (docs/hostile-inputs.md, row H27).

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocketServer as Stranger } from 'ws'
import { type ServerOptions, WebSocketServer } from '../src/index.ts'
import { close, FramePeer, gate, text } from './peer.ts'

/** An HTTP server, gone with its scope, whatever is still open on it. */
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

/** One of ours that answers every message with its name. */
function ours(http: Server, name: string, path?: string, options?: ServerOptions): WebSocketServer {
  const message = (socket: { send(data: string): boolean }): void => void socket.send(name)
  const server =
    path === undefined
      ? new WebSocketServer({ ...options, message } as object)
      : new WebSocketServer(options as object).route(path, { message })
  server.attach(http)
  return server
}

/** Takes what is asked for on a path, as `ws` has it in its README for several servers. */
function theirs(http: Server, path: string): { server: Stranger; [Symbol.dispose](): void } {
  const server = new Stranger({ noServer: true })
  server.on('connection', socket => socket.on('message', () => socket.send('theirs')))
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

/** Who answers on a path. */
async function ask(port: number, path: string): Promise<string> {
  await using peer = await FramePeer.open(port, { path, first: text('who?') })
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

describe('two servers of ours', () => {
  test('with different paths each keep their sockets; one answers, once, what neither knows', async () => {
    await using at = await listen()
    await using _one = ours(at.http, 'one', '/one')
    await using _two = ours(at.http, 'two', '/two')
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

  test('with the same path: the first answers, alone', async () => {
    await using at = await listen()
    await using one = ours(at.http, 'one', '/')
    await using two = ours(at.http, 'two', '/')
    await using peer = await FramePeer.open(at.port, { first: text('who?') })
    expect(await answerOf(peer)).toBe('one')
    expect([one.sockets.size, two.sockets.size]).toEqual([1, 0])
  })

  test('a server without routes answers all that those before it do not know', async () => {
    await using at = await listen()
    await using _one = ours(at.http, 'one', '/one')
    await using _rest = ours(at.http, 'rest')
    expect(await ask(at.port, '/one')).toBe('one')
    expect(await ask(at.port, '/other')).toBe('rest')
  })

  test.each(['/one', '/'])('one of them closes: the other serves on, also on the path %s', async path => {
    await using at = await listen()
    const one = ours(at.http, 'one', '/one')
    await using _two = ours(at.http, 'two', path)
    await using leaving = await FramePeer.open(at.port, { path: '/one' })
    const closed = one.close()
    expect(await leaving.frames(1)).toEqual(['close 1001'])
    // While it closes, it answers only for what nobody else knows.
    expect(await ask(at.port, path)).toBe('two')
    if (path !== '/one') expect(await rejectionFrom(at.port, '/one')).toMatch(/^HTTP\/1\.1 503 /)
    expect(await rejectionFrom(at.port, '/three')).toMatch(/^HTTP\/1\.1 404 /)
    await leaving.send(close(1001))
    leaving.raw.end()
    await closed
    expect(await ask(at.port, path)).toBe('two')
    if (path !== '/one') expect(await rejectionFrom(at.port, '/one')).toMatch(/^HTTP\/1\.1 404 /)
  })

  test('when both have closed, nothing of ours is left on the HTTP server; it can be used again', async () => {
    await using at = await listen()
    await ours(at.http, 'one', '/one').close()
    await ours(at.http, 'two', '/two').close()
    expect(at.http.listenerCount('upgrade')).toBe(0)
    await using _three = ours(at.http, 'three', '/three')
    expect(await ask(at.port, '/three')).toBe('three')
  })
})

describe.each(['before', 'behind'])('a stranger %s ours', order => {
  /** Both on one HTTP server, in that order. */
  async function startBoth(options?: ServerOptions) {
    const at = await listen()
    const first = order === 'before' ? theirs(at.http, '/theirs') : undefined
    const mine = ours(at.http, 'ours', '/ours', options)
    const stranger = first ?? theirs(at.http, '/theirs')
    return {
      ...at,
      mine,
      stranger,
      async [Symbol.asyncDispose]() {
        stranger[Symbol.dispose]()
        await mine.close({ timeout: 0 })
        await at[Symbol.asyncDispose]()
      },
    }
  }

  test('each keeps its sockets', async () => {
    await using both = await startBoth({ handshakeTimeout: 20 })
    await using mine = await FramePeer.open(both.port, { path: '/ours', first: text('1') })
    await using strange = await FramePeer.open(both.port, { path: '/theirs', first: text('1') })
    expect(await answerOf(mine)).toBe('ours')
    expect(await answerOf(strange)).toBe('theirs')
    // Answered after the deadline of those two, if they had one: they asked before.
    expect(await rejectionFrom(both.port, '/nobody')).toMatch(/^HTTP\/1\.1 404 /)
    await mine.send(text('2'))
    await strange.send(text('2'))
    expect(await answerOf(mine, 2)).toBe('ours')
    expect(await answerOf(strange, 2)).toBe('theirs')
    expect([both.mine.sockets.size, both.stranger.server.clients.size]).toEqual([1, 1])
  })

  test('what neither knows is answered 404 at the deadline, once', async () => {
    await using both = await startBoth({ handshakeTimeout: 20 })
    const refusal = await rejectionFrom(both.port, '/nobody')
    expect(refusal).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(refusal.match(/HTTP\/1/g)).toHaveLength(1)
    expect(both.mine.stats()).toMatchObject({ refused: 1 })
  })

  test('a peer that is reset before the deadline harms nobody', async () => {
    await using both = await startBoth({ handshakeTimeout: 20 })
    const asked = once(both.http, 'upgrade')
    await using peer = await RawPeer.connect(both.port)
    await peer.write(upgradeRequest('/nobody'))
    const [, transport] = (await asked) as [unknown, Duplex]
    const gone = new Promise(resolve => transport.on('close', resolve))
    peer.reset()
    await gone
    expect(await ask(both.port, '/ours')).toBe('ours')
  })

  test('ours closes while something waits for the deadline: it is answered all the same', async () => {
    await using both = await startBoth({ handshakeTimeout: 20 })
    const asked = once(both.http, 'upgrade')
    await using peer = await RawPeer.connect(both.port)
    await peer.write(upgradeRequest('/nobody'))
    await asked
    await both.mine.close()
    expect(Buffer.from(await peer.ended()).toString()).toMatch(/^HTTP\/1\.1 503 /)
    expect(both.http.listenerCount('upgrade')).toBe(1)
    expect(await ask(both.port, '/theirs')).toBe('theirs')
  })
})

describe('a stranger that', () => {
  test('answers before ours keeps its socket, even if ours has no paths', async () => {
    await using at = await listen()
    using stranger = theirs(at.http, '/theirs')
    await using mine = ours(at.http, 'ours')
    expect(await ask(at.port, '/theirs')).toBe('theirs')
    expect(await ask(at.port, '/other')).toBe('ours')
    expect(stranger.server.clients.size + mine.sockets.size).toBeLessThanOrEqual(2)
  })

  test('refuses before ours has the last word', async () => {
    await using at = await listen()
    at.http.on('upgrade', (request, transport) => {
      if (request.url === '/no') transport.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    })
    await using _mine = ours(at.http, 'ours')
    expect(await rejectionFrom(at.port, '/no')).toBe('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
  })

  test('takes its time is not interrupted once it has answered', async () => {
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
    await using mine = ours(at.http, 'ours', '/ours', { handshakeTimeout: 50 })
    await using peer = await RawPeer.connect(at.port)
    await peer.write(upgradeRequest('/slow'))
    open()
    await answered.opened
    // Its deadline is later than that of the other.
    expect(await rejectionFrom(at.port, '/nobody')).toMatch(/^HTTP\/1\.1 404 /)
    expect(
      Buffer.from(peer.received)
        .toString()
        .match(/HTTP\/1/g),
    ).toHaveLength(1)
    expect(mine.stats().refused).toBe(1)
  })

  test('hands a request to one of ours by itself is let do so', async () => {
    await using at = await listen()
    const own = new WebSocketServer({ message: socket => void socket.send('by hand') })
    at.http.on('upgrade', (request, transport, head) => {
      if (request.url === '/own') own.handleUpgrade(request, transport, head)
    })
    await using mine = ours(at.http, 'ours')
    expect(await ask(at.port, '/own')).toBe('by hand')
    expect(await ask(at.port, '/other')).toBe('ours')
    expect(mine.stats()).toMatchObject({ opened: 1, refused: 0 })
    await own.close({ timeout: 0 })
  })
})

test('H27: handleUpgrade throws for a transport whose upgrade is still at work, which is unharmed', async () => {
  await using at = await listen()
  const { opened, open } = gate()
  const server = new WebSocketServer({
    async upgrade() {
      await opened
      return { data: 'kept' }
    },
    message: socket => void socket.send(socket.data),
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
  expect(await ask(at.port, '/')).toBe('kept')
  expect(errors.map(String)).toEqual([expect.stringContaining('already in use by a WebSocket')])
  await server.close({ timeout: 0 })
})
