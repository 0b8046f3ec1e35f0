import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Lines, RawPeer, upgradeRequest, utf8 } from '@ws/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FastPath } from './fast-path.ts'

let http: Server
let port: number
/** Requests handled by the fast path (`ours`) and by Node, in order. */
let events: string[]
let sockets: Socket[]

beforeEach(async () => {
  events = []
  sockets = []
  const options = { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 }
  http = createServer(options, (request, response) => {
    events.push(`request ${request.url}`)
    response.end('a page')
  })
  http.on('upgrade', (request, socket, head) => {
    events.push(`upgrade ${request.url}`)
    socket.end(`by Node ${head}`)
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  port = (http.address() as AddressInfo).port
})

afterEach(async () => {
  http.close()
  http.closeAllConnections()
  for (const socket of sockets) socket.destroy()
  await once(http, 'close')
})

/** Installs a fast path that answers each request with `ours` and the bytes after it. */
function installFastPath(patience?: number): FastPath {
  const fastPath = new FastPath(
    http,
    ({ head }, socket, rest) => {
      events.push(`ours ${head.url}`)
      socket.end(`ours ${Buffer.from(rest).toString('latin1')}`)
    },
    patience,
  )
  http.on('connection', socket => sockets.push(socket))
  return fastPath
}

async function answerTo(request: string | Uint8Array): Promise<string> {
  await using peer = await RawPeer.connect(port)
  await peer.write(request)
  const answer = Buffer.from(await peer.ended()).toString('latin1')
  peer.end()
  return answer
}

function listenersOf(socket: Socket): string[] {
  return ['data', 'end', 'error', 'close', 'timeout', 'readable', 'pause', 'resume', 'drain'].flatMap(name =>
    socket.listeners(name).map(() => name),
  )
}

describe('an upgrade request in one chunk', () => {
  test('is handed over with the bytes behind it, and no listener stays on its socket', async () => {
    const { promise, resolve } = Promise.withResolvers<object>()
    new FastPath(http, ({ head, remoteAddress }, socket, rest) => {
      const frames = Buffer.from(rest).toString('latin1')
      resolve({ url: head.url, remoteAddress, frames, listeners: listenersOf(socket) })
      socket.destroy()
    })
    await using peer = await RawPeer.connect(port)
    await peer.write(`${upgradeRequest('/a?b')}first \xff frames`)
    expect(await promise).toEqual({
      url: '/a?b',
      remoteAddress: '127.0.0.1',
      frames: 'first \xff frames',
      listeners: [],
    })
  })

  test.each<Lines>([
    { Upgrade: 'WebSocket' },
    { Upgrade: 'foo, websocket' },
    { Upgrade: ['foo', 'websocket'] },
    { Connection: 'keep-alive, Upgrade' },
    { Connection: ['keep-alive', 'upgrade'] },
  ])('is recognized by the headers %j', async lines => {
    installFastPath()
    expect(await answerTo(upgradeRequest('/', lines))).toBe('ours ')
  })
})

describe('Node', () => {
  test.each<[string, Lines, string?]>([
    ['for another protocol', { Upgrade: 'h2c' }],
    ['without an Upgrade header', { Upgrade: undefined }],
    ['without the Connection option Upgrade', { Connection: 'close' }],
    ['with a body', { 'Content-Length': '1', Connection: 'Upgrade, close' }],
    ['with a body of length 0', { 'Content-Length': '0' }],
    ['with a chunked body', { 'Transfer-Encoding': 'chunked' }],
    ['with another method', {}, 'PUT / HTTP/1.1'],
    ['with an older version', {}, 'GET / HTTP/1.0'],
    ['with an unknown version', {}, 'GET / HTTP/1.2'],
    ['with a malformed line', { 'X Y': 'z' }],
    ['with a control character', { X: 'a\0b' }],
    ['with too many lines', { X: Array<string>(101).fill('y') }],
    ['that is too large', { X: 'y'.repeat(17_000) }],
    ['with a target that is too long', {}, `GET /${'x'.repeat(9000)} HTTP/1.1`],
  ])('handles a request %s', async (_, lines, requestLine) => {
    installFastPath()
    // Node keeps some of these connections alive, so end it from here.
    await using peer = await RawPeer.connect(port)
    await peer.write(upgradeRequest('/', lines, requestLine))
    peer.end()
    await peer.closed()
    expect(events.filter(event => event.startsWith('ours'))).toEqual([])
  })

  test('answers bytes that are not HTTP', async () => {
    installFastPath()
    expect(await answerTo(Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3))).toMatch(/^HTTP\/1\.1 400 /)
    expect(await answerTo('garbage\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await answerTo('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).not.toContain('ours')
    expect(await answerTo(`GET / HTTP/1.1\r\nX: ${'y'.repeat(17_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
    expect(events).toEqual([])
  })

  test('serves pages, and an upgrade in the same chunk as a page or after one', async () => {
    installFastPath()
    const page = 'GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const both = await answerTo(`${page}${page}${upgradeRequest('/ws')}rest`)
    expect(both).toMatch(/a page[\s\S]*by Node rest$/)
    await using peer = await RawPeer.connect(port)
    await peer.write(page)
    await peer.until(bytes => Buffer.from(bytes).includes('a page'))
    await peer.write(`${upgradeRequest('/later')}more`)
    expect(Buffer.from(await peer.ended()).toString('latin1')).toMatch(/by Node more$/)
    peer.end()
    expect(events).toEqual([
      'request /page',
      'request /page',
      'upgrade /ws',
      'request /page',
      'upgrade /later',
    ])
  })

  test('handles a request in two chunks, for every split', async () => {
    installFastPath()
    const request = utf8(`${upgradeRequest('/')}rest`)
    for (let cut = 1; cut < request.length - 4; cut++) {
      await using peer = await RawPeer.connect(port)
      await peer.write(request.subarray(0, cut))
      await until(() => sockets.length === cut && sockets.at(-1)!.bytesRead === cut)
      await peer.write(request.subarray(cut))
      expect(Buffer.from(await peer.ended()).toString('latin1')).toBe('by Node rest')
      peer.end()
    }
    expect(new Set(events)).toEqual(new Set(['upgrade /']))
  })

  test('answers a silent connection with 408', async () => {
    installFastPath(20)
    expect(await answerTo('')).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('handles a request that arrives after the patience of the fast path', async () => {
    installFastPath(5)
    await using peer = await RawPeer.connect(port)
    await until(() => sockets[0]?.listenerCount('drain') === 1)
    await peer.write(upgradeRequest('/late'))
    expect(Buffer.from(await peer.ended()).toString('latin1')).toBe('by Node ')
    peer.end()
  })

  test('handles all connections after `stop`, older ones included', async () => {
    const fastPath = installFastPath()
    await using before = await RawPeer.connect(port)
    await until(() => sockets.length === 1)
    fastPath.stop()
    for (const peer of [before, await RawPeer.connect(port)]) {
      await using _ = peer
      await peer.write(upgradeRequest())
      expect(Buffer.from(await peer.ended()).toString('latin1')).toBe('by Node ')
      peer.end()
    }
  })
})

describe('a connection that ends before its first byte', () => {
  test('is ended after a FIN', async () => {
    installFastPath()
    await using peer = await RawPeer.connect(port)
    peer.end()
    await peer.closed()
    expect(events).toEqual([])
  })

  test('may fail after a FIN', async () => {
    installFastPath()
    http.on('connection', (socket: Socket) => socket.on('end', () => socket.destroy(new Error('late'))))
    await using peer = await RawPeer.connect(port)
    peer.end()
    await until(() => sockets[0]?.closed === true)
    expect(sockets[0]!.errored).toMatchObject({ message: 'late' })
  })

  test('is closed after a reset, without an uncaught error', async () => {
    const fastPath = installFastPath()
    await using peer = await RawPeer.connect(port)
    await until(() => sockets.length === 1)
    peer.reset()
    await until(() => sockets[0]!.closed)
    expect(sockets[0]!.errored).toMatchObject({ code: 'ECONNRESET' })
    fastPath.stop()
    expect(listenersOf(sockets[0]!)).toEqual(['error'])
  })

  test.each([undefined, new Error('test error')])(
    'is not handed over when destroyed locally, with the error %s',
    async error => {
      const fastPath = installFastPath()
      await using _peer = await RawPeer.connect(port)
      await until(() => sockets.length === 1)
      sockets[0]!.destroy(error)
      fastPath.stop()
      expect(listenersOf(sockets[0]!)).toEqual(['error'])
      await until(() => sockets[0]!.closed)
    },
  )
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}
