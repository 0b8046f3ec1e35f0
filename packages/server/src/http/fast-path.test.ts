import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Lines, RawPeer, upgradeRequest, utf8 } from '@ws/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FastPath } from './fast-path.ts'

let http: Server
let port: number
/** Who was left to Node, by what became of it. */
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

/** Reads first, and answers what it takes with `ours` and the rest. */
function readFirst(patience?: number): FastPath {
  const first = new FastPath(
    http,
    ({ head }, socket, rest) => {
      events.push(`ours ${head.url}`)
      socket.end(`ours ${Buffer.from(rest).toString('latin1')}`)
    },
    patience,
  )
  http.on('connection', socket => sockets.push(socket))
  return first
}

/** Sends that in one chunk, and gives what came back before FIN. */
async function answerTo(request: string | Uint8Array): Promise<string> {
  await using peer = await RawPeer.connect(port)
  await peer.write(request)
  const answer = Buffer.from(await peer.ended()).toString('latin1')
  peer.end()
  return answer
}

/** What is left on a socket of those who had listened. */
function listenersOf(socket: Socket): string[] {
  return ['data', 'end', 'error', 'close', 'timeout', 'readable', 'pause', 'resume', 'drain'].flatMap(name =>
    socket.listeners(name).map(() => name),
  )
}

describe('an upgrade request in one chunk', () => {
  test('is read here, with the bytes behind it, and nobody listens to its socket any more', async () => {
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
  ])('however it asks: %j', async lines => {
    readFirst()
    expect(await answerTo(upgradeRequest('/', lines))).toBe('ours ')
  })
})

describe('left to Node', () => {
  test.each<[string, Lines, string?]>([
    ['that asks for something else', { Upgrade: 'h2c' }],
    ['that does not ask', { Upgrade: undefined }],
    ['whose connection is not to be upgraded', { Connection: 'close' }],
    ['with a body', { 'Content-Length': '1', Connection: 'Upgrade, close' }],
    ['with a body of no length', { 'Content-Length': '0' }],
    ['with a body in chunks', { 'Transfer-Encoding': 'chunked' }],
    ['of another method', {}, 'PUT / HTTP/1.1'],
    ['of an older version', {}, 'GET / HTTP/1.0'],
    ['of another version', {}, 'GET / HTTP/1.2'],
    ['with a malformed line', { 'X Y': 'z' }],
    ['with a control character', { X: 'a\0b' }],
    ['with too many lines', { X: Array<string>(101).fill('y') }],
    ['that is too large', { X: 'y'.repeat(17_000) }],
    ['with a target that is too long', {}, `GET /${'x'.repeat(9000)} HTTP/1.1`],
  ])('is a request %s', async (_, lines, requestLine) => {
    readFirst()
    // With an end, for those that Node answers and goes on.
    await using peer = await RawPeer.connect(port)
    await peer.write(upgradeRequest('/', lines, requestLine))
    peer.end()
    await peer.closed()
    expect(events.filter(event => event.startsWith('ours'))).toEqual([])
  })

  test('are bytes that are no HTTP at all', async () => {
    readFirst()
    expect(await answerTo(Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3))).toMatch(/^HTTP\/1\.1 400 /)
    expect(await answerTo('garbage\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await answerTo('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).not.toContain('ours')
    expect(await answerTo(`GET / HTTP/1.1\r\nX: ${'y'.repeat(17_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
    expect(events).toEqual([])
  })

  test('are pages, and an upgrade after or behind one', async () => {
    readFirst()
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

  test('is a request in two chunks, wherever it is cut', async () => {
    readFirst()
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

  test('is a connection that stays silent: it is answered 408 in time', async () => {
    readFirst(20)
    expect(await answerTo('')).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('is one that speaks after a while, whole', async () => {
    readFirst(5)
    await using peer = await RawPeer.connect(port)
    await until(() => sockets[0]?.listenerCount('drain') === 1)
    await peer.write(upgradeRequest('/late'))
    expect(Buffer.from(await peer.ended()).toString('latin1')).toBe('by Node ')
    peer.end()
  })

  test('is everybody from `stop` on', async () => {
    const first = readFirst()
    await using before = await RawPeer.connect(port)
    await until(() => sockets.length === 1)
    first.stop()
    for (const peer of [before, await RawPeer.connect(port)]) {
      await using _ = peer
      await peer.write(upgradeRequest())
      expect(Buffer.from(await peer.ended()).toString('latin1')).toBe('by Node ')
      peer.end()
    }
  })
})

describe('a connection that ends before it says anything', () => {
  test('by FIN is ended', async () => {
    readFirst()
    await using peer = await RawPeer.connect(port)
    peer.end()
    await peer.closed()
    expect(events).toEqual([])
  })

  test('by FIN may fail after that', async () => {
    readFirst()
    http.on('connection', (socket: Socket) => socket.on('end', () => socket.destroy(new Error('late'))))
    await using peer = await RawPeer.connect(port)
    peer.end()
    await until(() => sockets[0]?.closed === true)
    expect(sockets[0]!.errored).toMatchObject({ message: 'late' })
  })

  test('by a reset is gone, and no error reaches the process', async () => {
    const first = readFirst()
    await using peer = await RawPeer.connect(port)
    await until(() => sockets.length === 1)
    peer.reset()
    await until(() => sockets[0]!.closed)
    expect(sockets[0]!.errored).toMatchObject({ code: 'ECONNRESET' })
    first.stop()
    expect(listenersOf(sockets[0]!)).toEqual(['error'])
  })

  test.each([undefined, new Error('meanwhile')])(
    'by our side is not handed on, nor its error: %s',
    async error => {
      const first = readFirst()
      await using _peer = await RawPeer.connect(port)
      await until(() => sockets.length === 1)
      sockets[0]!.destroy(error)
      first.stop()
      expect(listenersOf(sockets[0]!)).toEqual(['error'])
      await until(() => sockets[0]!.closed)
    },
  )
})

/** Waits for that, a turn of the event loop at a time. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}
