// The opening handshake (RFC 6455 §4.2; docs/hostile-inputs.md, group H).

import { getEventListeners, once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import { isOwned } from '@ws/connection'
import { headLength, type Lines, RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { type ListenOptions, type Upgraded, WebSocketServer } from '../src/index.ts'
import { close, FramePeer, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'

async function rejectionFrom(port: number, request: string): Promise<{ head: string; body: string }> {
  await using peer = await RawPeer.connect(port)
  await peer.write(request)
  const bytes = await peer.ended()
  const length = headLength(bytes)
  const response = Buffer.from(bytes).toString('utf8')
  return { head: response.slice(0, length), body: response.slice(length) }
}

function expectComplete({ head, body }: { head: string; body: string }, status: number): void {
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`))
  expect(head).toMatch(/\r\nConnection: (Upgrade, )?close\r\n/)
  expect(head).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`)
  expect(body.length).toBeGreaterThan(0)
}

describe('a valid upgrade request', () => {
  test('H1: is answered with 101 and the accept value of its key, and sets the properties of the socket', async () => {
    await using recorder = await RecordingServer.start({ origin: 'any' })
    await using peer = await FramePeer.open(recorder.port, {
      path: '/a/%2e%2e/b?c=d&e',
      lines: { Origin: 'HTTPS://Example.com:443' },
    })
    expect(peer.head).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    )
    await recorder.until('open')
    const [socket] = recorder.server.sockets
    expect(socket).toMatchObject({
      path: '/a/%2e%2e/b',
      search: '?c=d&e',
      origin: 'https://example.com',
      protocol: '',
      remoteAddress: '127.0.0.1',
      state: 'open',
      bufferedAmount: 0,
    })
  })

  test.each<[string, Lines]>([
    ['Upgrade in capitals', { Upgrade: 'WebSocket' }],
    ['a list in Connection', { Connection: 'keep-alive, Upgrade' }],
    ['a list in Upgrade', { Upgrade: 'foo, websocket' }],
    ['unknown extensions', { 'Sec-WebSocket-Extensions': '__proto__; constructor' }],
    ['the Origin of the same host', { Origin: 'http://localhost' }],
  ])('H6, H11, H13, H18: is accepted with %s', async (_, lines) => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port, { lines })
    expect(peer.head).not.toContain('Extensions')
  })

  test.each([
    ['chat, superchat', 'superchat'],
    ['chat', 'chat'],
    ['other', ''],
    ['Chat', ''],
  ])(
    'H9: that offers the subprotocols %s gets "%s", the first of the server that is offered',
    async (offer, negotiated) => {
      await using recorder = await RecordingServer.start({ protocols: ['superchat', 'chat'] })
      await using peer = await FramePeer.open(recorder.port, { lines: { 'Sec-WebSocket-Protocol': offer } })
      const [, line = ''] = /\r\nSec-WebSocket-Protocol: (.*)\r\n/.exec(peer.head) ?? []
      expect(line).toBe(negotiated)
      const [socket] = recorder.server.sockets
      expect(socket!.protocol).toBe(negotiated)
    },
  )
})

describe('a rejection', () => {
  test.each<[status: number, why: string, request: string]>([
    [405, 'H2: POST', upgradeRequest('/', {}, 'POST / HTTP/1.1')],
    [426, 'H3: HTTP/1.0', upgradeRequest('/', {}, 'GET / HTTP/1.0')],
    [400, 'H4: no Host', upgradeRequest('/', { Host: undefined })],
    [400, 'H4: two Hosts', upgradeRequest('/', { Host: ['a', 'b'] })],
    [426, 'H5: Upgrade to something else', upgradeRequest('/', { Upgrade: 'h2c' })],
    [400, 'H7: no key', upgradeRequest('/', { 'Sec-WebSocket-Key': undefined })],
    [400, 'H7: a key of 15 bytes', upgradeRequest('/', { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAA' })],
    [426, 'H8: version 8', upgradeRequest('/', { 'Sec-WebSocket-Version': '8' })],
    [400, 'H9: a subprotocol that is not a token', upgradeRequest('/', { 'Sec-WebSocket-Protocol': 'a b' })],
    [400, 'H15: an announced body', upgradeRequest('/', { 'Content-Length': '5' })],
    [400, 'H15: a body', `${upgradeRequest('/', { 'Content-Length': '5' })}hello`],
    [400, 'H15: a chunked body', `${upgradeRequest('/', { 'Transfer-Encoding': 'chunked' })}0\r\n\r\n`],
    [
      403,
      'H18: the Origin of another host',
      upgradeRequest('/', { Origin: 'https://localhost.evil.example' }),
    ],
    [403, 'H18: the Origin null', upgradeRequest('/', { Origin: 'null' })],
    [403, 'H20: an invalid Origin', upgradeRequest('/', { Origin: 'http://a:b' })],
  ])('is a complete response with %i, then FIN: %s', async (status, _, request) => {
    await using recorder = await RecordingServer.start()
    const refusal = await rejectionFrom(recorder.port, request)
    expectComplete(refusal, status)
    if (status === 405) expect(refusal.head).toContain('\r\nAllow: GET\r\n')
    if (status === 426) expect(refusal.head).toContain('\r\nUpgrade: websocket\r\n')
    expect(recorder.events).toEqual([])
    await using _peer = await FramePeer.open(recorder.port)
  })

  test('H8: names the supported version', async () => {
    await using recorder = await RecordingServer.start()
    const { head } = await rejectionFrom(
      recorder.port,
      upgradeRequest('/', { 'Sec-WebSocket-Version': '14' }),
    )
    expect(head).toContain('\r\nSec-WebSocket-Version: 13\r\n')
  })

  test('H16, H17: by Node itself ends the connection', async () => {
    await using server = new WebSocketServer()
    const { port } = await server.listen(0)
    const large = await rejectionFrom(port, upgradeRequest('/', { Cookie: 'a'.repeat(17_000) }))
    expect(large.head).toContain('HTTP/1.1 431 ')
    const broken = await rejectionFrom(port, upgradeRequest('/', { 'a b': 'c' }))
    expect(broken.head).toContain('HTTP/1.1 400 ')
    const preface = await rejectionFrom(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    expect(preface.head).toContain('HTTP/1.1 400 ')
  })

  test('H23: with 503 is sent at maxSockets, until a socket closes', async () => {
    await using recorder = await RecordingServer.start({ maxSockets: 1 })
    const first = await FramePeer.open(recorder.port)
    const refusal = await rejectionFrom(recorder.port, upgradeRequest())
    expectComplete(refusal, 503)
    expect(refusal.head).toContain('\r\nRetry-After: 5\r\n')
    const closed = once(recorder.transports[0]!, 'close')
    first.raw.end()
    await closed
    await first[Symbol.asyncDispose]()
    await using _second = await FramePeer.open(recorder.port)
  })

  test('H23: with 429 is sent to an address at maxSocketsPerAddress', async () => {
    await using recorder = await RecordingServer.start({ maxSocketsPerAddress: 2 })
    await using _first = await FramePeer.open(recorder.port)
    await using _second = await FramePeer.open(recorder.port)
    expectComplete(await rejectionFrom(recorder.port, upgradeRequest()), 429)
  })

  test('H22: discards all requests that follow in the same packet', async () => {
    await using recorder = await RecordingServer.start()
    const requests: string[] = []
    recorder.http.on('request', (request: IncomingMessage) => requests.push(request.url ?? ''))
    const next = upgradeRequest('/second') + upgradeRequest('/third', { Upgrade: undefined })
    const { head, body } = await rejectionFrom(recorder.port, upgradeRequest('/', { Origin: 'null' }) + next)
    expect(`${head}${body}`.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expectComplete({ head, body }, 403)
    expect([...requests, ...recorder.events]).toEqual([])
  })

  test('reaches a peer that is still sending', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await RawPeer.connect(recorder.port)
    await peer.write(upgradeRequest('/', { Origin: 'null' }))
    const size = 4 * 2 ** 20
    const sent = peer.write(new Uint8Array(size))
    expect(await peer.head()).toContain(' 403 ')
    await peer.ended()
    await sent
    const closed = once(recorder.transports[0]!, 'close')
    peer.end()
    await closed
    expect(recorder.transports[0]!.bytesRead).toBeGreaterThan(size)
  })
})

describe('an ordinary request', () => {
  test('H5: is answered with 426 by a listening server, and with 405 for other methods', async () => {
    await using server = new WebSocketServer()
    const { port } = await server.listen(0)
    const get = await rejectionFrom(port, upgradeRequest('/', { Upgrade: undefined, Connection: undefined }))
    expectComplete(get, 426)
    expect(get.head).toContain('\r\nUpgrade: websocket\r\n')
    const post = await rejectionFrom(
      port,
      upgradeRequest('/', { Upgrade: undefined, 'Content-Length': '0' }, 'POST / HTTP/1.1'),
    )
    expectComplete(post, 405)
  })

  test('is passed to the option request', async () => {
    await using server = new WebSocketServer({ http: (_request, response) => response.end('a page') })
    const { port } = await server.listen(0)
    const response = await fetch(`http://127.0.0.1:${port}/`)
    expect(await response.text()).toBe('a page')
  })
})

describe('WebSocketServer.listen', () => {
  test('listens on IPv4 and IPv6 loopback, or on the given host', async () => {
    await using server = new WebSocketServer()
    const { port, addresses } = await server.listen(0)
    expect(addresses).toEqual(['127.0.0.1', '::1'])
    for (const host of addresses) {
      await using peer = await RawPeer.connect(port, host)
      await peer.write(upgradeRequest())
      expect(await peer.head()).toContain(' 101 ')
    }
    const everywhere = await server.listen({ host: '0.0.0.0' })
    expect(everywhere.addresses).toEqual(['0.0.0.0'])
    await expect(server.listen(port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test.each<[ListenOptions, RegExp]>([
    [{}, /^ws:\/\/localhost:\d+$/],
    [{ host: '0.0.0.0' }, /^ws:\/\/localhost:\d+$/],
    [{ host: '127.0.0.1' }, /^ws:\/\/127\.0\.0\.1:\d+$/],
    [{ host: ['::1', '127.0.0.1'] }, /^ws:\/\/\[::1\]:\d+$/],
    [{ host: 'localhost' }, /^ws:\/\/localhost:\d+$/],
  ])('resolves for %j to a URL that clients can connect to', async (options, pattern) => {
    await using server = new WebSocketServer({ open: socket => socket.send('hello') })
    const { url } = await server.listen(options)
    expect(url).toMatch(pattern)
    const client = new WebSocket(`${url}/path`)
    const [event] = (await once(client, 'message')) as [MessageEvent]
    expect(event.data).toBe('hello')
  })

  test('takes a signal, which closes the server', async () => {
    const controller = new AbortController()
    await using server = new WebSocketServer()
    const { port } = await server.listen({ signal: controller.signal })
    await using peer = await FramePeer.open(port)
    controller.abort()
    expect(await peer.frames(1)).toEqual(['close 1001'])
    await peer.send(close(1001))
    await peer.ended()
    peer.raw.end()
    await server.close()
    await expect(server.listen(0)).rejects.toThrow('the server has been closed')
  })

  test('leaves no listener on its signal once the server has closed', async () => {
    const { signal } = new AbortController()
    const server = new WebSocketServer()
    await server.listen({ signal })
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    await server.close()
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('rejects with the reason of a signal that is aborted before it listens', async () => {
    await using server = new WebSocketServer()
    const reason = new Error('changed my mind')
    await expect(server.listen({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const listening = server.listen({ signal: controller.signal })
    controller.abort(reason)
    await expect(listening).rejects.toBe(reason)
    expect((await server.listen(0)).addresses).toHaveLength(2)
  })

  test('rejects on a closed server, as attach throws', async () => {
    const before = new WebSocketServer()
    const { port } = await before.listen(0)
    await before.close()
    const server = new WebSocketServer()
    const listening = server.listen(port)
    await server.close()
    await expect(listening).rejects.toThrow('the server has been closed')
    await expect(RawPeer.connect(port)).rejects.toThrow('ECONNREFUSED')
    await expect(server.listen(0)).rejects.toThrow('the server has been closed')
    expect(() => server.attach(createServer())).toThrow('the server has been closed')
  })
})

describe('WebSocketServer.handleUpgrade', () => {
  async function serve(upgrade: (request: IncomingMessage, transport: Duplex, head: Buffer) => unknown) {
    const http = createServer()
    http.on('upgrade', upgrade)
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

  test('H27: throws for a transport that was passed before, which stays open', async () => {
    const server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
    const other = new WebSocketServer()
    const errors: unknown[] = []
    await using http = await serve((request, transport, head) => {
      server.handleUpgrade(request, transport, head)
      for (const again of [server, other]) {
        try {
          again.handleUpgrade(request, transport, head)
        } catch (error) {
          errors.push(error)
        }
      }
    })
    await using peer = await FramePeer.open(http.port, { first: text('still open') })
    expect(await peer.frames(1)).toEqual(['text still open'])
    expect(errors.map(String)).toEqual(
      Array(2).fill(expect.stringContaining('already in use by a WebSocket')),
    )
    expect(server.sockets.size + other.sockets.size).toBe(1)
    await server.close({ timeout: 0 })
  })

  test('takes what upgrade would return, and does not call upgrade', async () => {
    const server = new WebSocketServer({ upgrade: (): Upgraded<{ user: string }> => fail() })
    const chat = server.route('/chat/:room', {
      protocols: ['chat'],
      upgrade: (): Upgraded<number> => fail(),
      open: socket => socket.send(`${socket.data + 1} ${socket.path}`),
    })
    await using http = await serve((request, transport, head) => {
      if (request.url === '/own') server.handleUpgrade(request, transport, head, { data: { user: 'ann' } })
      else chat.handleUpgrade(request, transport, head, { data: 1, headers: { 'X-Id': '7' } })
    })
    const lines = { 'Sec-WebSocket-Protocol': 'chat' }
    await using peer = await FramePeer.open(http.port, { path: '/elsewhere', lines })
    expect(peer.head).toContain('\r\nSec-WebSocket-Protocol: chat\r\n')
    expect(peer.head).toContain('\r\nx-id: 7\r\n')
    expect(await peer.frames(1)).toEqual(['text 2 /elsewhere'])
    await using _own = await FramePeer.open(http.port, { path: '/own' })
    expect(Array.from(server.sockets, ({ data }) => data.user)).toEqual(['ann'])
    expect(
      await rejectionFrom(http.port, upgradeRequest('/x', { 'Sec-WebSocket-Key': 'short' })),
    ).toMatchObject({
      head: expect.stringContaining(' 400 '),
    })
    await server.close({ timeout: 0 })
  })

  test('of a route asks its upgrade whatever the path, but finds parameters only in its own', async () => {
    const server = new WebSocketServer()
    const staff = server.route('/staff', { open: socket => socket.send('staff') })
    const room = server.route('/rooms/:id', {
      upgrade: ({ params }) => ({ data: params.id }),
      open: socket => socket.send(`room ${socket.data}`),
    })
    await using http = await serve((request, transport, head) => {
      const route = request.headers.host === 'staff.example' ? staff : room
      route.handleUpgrade(request, transport, head)
    })
    await using peer = await FramePeer.open(http.port, { path: '/any', lines: { Host: 'staff.example' } })
    expect(await peer.frames(1)).toEqual(['text staff'])
    await using other = await FramePeer.open(http.port, { path: '/rooms/7' })
    expect(await other.frames(1)).toEqual(['text room 7'])
    expect((await rejectionFrom(http.port, upgradeRequest('/any'))).head).toContain(' 404 ')
    await server.close({ timeout: 0 })
  })

  test.each<[string, unknown[]]>([
    ['a request without headers', [{}, NOTHING]],
    ['a result that does not accept', [{ headers: {} }, NOTHING, null]],
    ['a result with an unknown key', [{ headers: {} }, NOTHING, { dat: 1 }]],
    ['a Response as a result', [{ headers: {} }, NOTHING, new Response()]],
  ])('throws for %s, and leaves the transport untouched', (_, [request, head, accepted]) => {
    const server = new WebSocketServer()
    const [near, far] = duplexPair()
    far.resume()
    expect(() => server.handleUpgrade(request as never, near, head as never, accepted as never)).toThrow(
      TypeError,
    )
    expect([near.destroyed, near.writableLength, near.listenerCount('error')]).toEqual([false, 0, 0])
    expect(isOwned(near)).toBe(false)
  })

  test('takes stand-in requests that have headers alone, as of test helpers', async () => {
    const server = new WebSocketServer({
      upgrade: ({ path, headers, remoteAddress, raw }) => ({
        data: [path, headers.get('cookie'), remoteAddress, raw.method],
      }),
      open: socket => socket.send(String(socket.data)),
    })
    const [near, far] = duplexPair()
    const headers = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': 13,
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      cookie: ['a=1', 'b=2'],
      'x-none': undefined,
    }
    server.handleUpgrade({ headers }, near)
    const chunks: Buffer[] = []
    for await (const chunk of far as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      if (Buffer.concat(chunks).includes('/,')) break
    }
    const received = Buffer.concat(chunks).toString('latin1')
    expect(received).toMatch(/^HTTP\/1\.1 101 /)
    expect(received).toContain('/,a=1; b=2,,')
    await server.close({ timeout: 0 })
  })

  test('processes bytes received before the call, paused or not', async () => {
    const server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
    const requested = Promise.withResolvers<void>()
    const sent = Promise.withResolvers<void>()
    await using http = await serve(async (request, transport, head) => {
      transport.pause()
      requested.resolve()
      await sent.promise
      server.handleUpgrade(request, transport, head)
    })
    await using peer = await RawPeer.connect(http.port)
    await peer.write(upgradeRequest())
    await requested.promise
    await peer.write(text('early'))
    sent.resolve()
    const received = await peer.until(bytes => Buffer.from(bytes).includes('early'))
    expect(Buffer.from(received).toString('latin1')).toContain(' 101 ')
    await server.close({ timeout: 0 })
  })

  test('T4: opens no socket for a peer that has reset', async () => {
    const opened: string[] = []
    const server = new WebSocketServer({ open: () => void opened.push('open') })
    const done = Promise.withResolvers<Duplex>()
    const requested = Promise.withResolvers<void>()
    await using http = await serve(async (request, transport, head) => {
      transport.on('error', () => undefined)
      const closed = new Promise(resolve => transport.on('close', resolve))
      transport.resume()
      requested.resolve()
      await closed
      server.handleUpgrade(request, transport, head)
      done.resolve(transport)
    })
    await using peer = await RawPeer.connect(http.port)
    await peer.write(upgradeRequest())
    await requested.promise
    peer.reset()
    const transport = await done.promise
    expect(transport.destroyed).toBe(true)
    expect(opened).toEqual([])
    expect(server.sockets.size).toBe(0)
    await server.close()
  })

  test('T5: opens no socket for a peer that has sent FIN', async () => {
    const opened: string[] = []
    const server = new WebSocketServer({ open: () => void opened.push('open') })
    await using http = await serve(async (request, transport, head) => {
      transport.resume()
      await once(transport, 'end')
      server.handleUpgrade(request, transport, head)
    })
    await using peer = await RawPeer.connect(http.port)
    await peer.write(upgradeRequest())
    peer.end()
    expect((await peer.ended()).length).toBe(0)
    expect(opened).toEqual([])
    await server.close()
  })
})

describe('WebSocketServer.attach', () => {
  test('lets the first of two servers answer, once', async () => {
    await using recorder = await RecordingServer.start()
    const second = new WebSocketServer({ open: () => expect.unreachable() })
    second.attach(recorder.http)
    second.attach(recorder.http)
    recorder.server.attach(recorder.http)
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('once'))
    await recorder.until('message')
    expect(recorder.names).toEqual(['open', 'message'])
    const refusal = await rejectionFrom(recorder.port, upgradeRequest('/', { Origin: 'null' }))
    expect(refusal.head.match(/HTTP/g)).toHaveLength(1)
    await second.close()
  })

  test('leaves ordinary requests to the HTTP server, which keeps listening after close', async () => {
    const http = createServer((_request, response) => response.end('a page'))
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    const server = new WebSocketServer()
    server.attach(http)
    const url = `http://127.0.0.1:${port}/`
    expect(await (await fetch(url)).text()).toBe('a page')
    await server.close()
    expect(http.listening).toBe(true)
    expect(http.listenerCount('upgrade')).toBe(0)
    const [response] = await once(httpRequest(url, { agent: false }).end(), 'response')
    expect(await response.toArray()).toHaveLength(1)
    http.close()
    http.closeAllConnections()
    await once(http, 'close')
  })
})

const NOTHING = new Uint8Array(0)

function fail(): never {
  throw new Error('upgrade must not be called')
}
