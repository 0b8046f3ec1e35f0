// `connect` to servers of `@ws/server`, and to servers that answer by hand.

import { getEventListeners, once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { encodeFrame, Opcode } from '@ws/frame'
import { type Socket, WebSocketServer } from '@ws/server'
import { concat, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { ConnectError, type ConnectOptions, connect, HandshakeError } from '../src/index.ts'
import { failureOf } from './failure.ts'
import { acceptance, RawServer } from './raw-server.ts'

function text(data: string): Uint8Array {
  return encodeFrame({ opcode: Opcode.text, payload: utf8(data) })
}

function closing(code: number): Uint8Array {
  return encodeFrame({ opcode: Opcode.close, payload: Uint8Array.of(code >> 8, code & 0xff) })
}

describe('connect', () => {
  test('resolves to an open socket, which is read by a loop', async () => {
    await using server = new WebSocketServer({
      message: (socket, data) => socket.send(data),
    })
    const { port } = await server.listen(0)
    const socket = await connect(`ws://127.0.0.1:${port}/feed?since=3`)
    expect(socket.state).toBe('open')
    expect(socket).toMatchObject({
      path: '/feed',
      search: '?since=3',
      protocol: '',
      remoteAddress: '127.0.0.1',
    })
    socket.send('one')
    socket.send(Uint8Array.of(2))
    const received: unknown[] = []
    for await (const message of socket) {
      received.push(message)
      if (received.length === 2) socket.close(1000)
    }
    expect(received).toEqual(['one', Uint8Array.of(2)])
    expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true, by: 'local' })
  })

  test('calls handlers in place of a loop', async () => {
    await using server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
    const { port } = await server.listen(0)
    const events: string[] = []
    const socket = await connect(`http://127.0.0.1:${port}`, {
      open: opened => {
        events.push('open')
        opened.send('hello')
      },
      message: (opened, data) => {
        events.push(String(data))
        opened.close(1000)
      },
      close: (_, { code }) => events.push(String(code)),
    })
    await socket.closed
    expect(events).toEqual(['open', 'hello', '1000'])
    expect(() => socket[Symbol.asyncIterator]()).toThrow(TypeError)
  })

  test('calls open before the loop, and runs a session', async () => {
    await using server = new WebSocketServer({ open: socket => socket.send('welcome') })
    const { port } = await server.listen(0)
    const events: unknown[] = []
    const read = async (socket: AsyncIterable<unknown>): Promise<void> => {
      for await (const message of socket) {
        events.push(message)
        break
      }
    }
    const socket = await connect(`ws://127.0.0.1:${port}`, { open: () => events.push('open') })
    await read(socket)
    socket.close()
    await socket.closed
    const another = await connect(`ws://127.0.0.1:${port}`, { session: read })
    expect((await another.closed).code).toBe(1000)
    expect(events).toEqual(['open', 'welcome', 'welcome'])
  })

  test('loses no frame that arrives with the 101, and no message before the loop', async () => {
    await using server = await RawServer.start(async client => {
      await client.accept('', concat(text('a'), text('b')))
      client.write(concat(text('c'), closing(4000)))
    })
    const socket = await connect(server.url)
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    const received: unknown[] = []
    for await (const message of socket) received.push(message)
    expect(received).toEqual(['a', 'b', 'c'])
    expect(await socket.closed).toMatchObject({ code: 4000, by: 'peer' })
  })

  test('loses nothing however the answer is cut', async () => {
    let cut = 0
    await using server = await RawServer.start(async client => {
      const bytes = concat(utf8(acceptance(await client.head())), text('a'), text('b'), closing(1000))
      client.write(bytes.subarray(0, cut))
      await new Promise(setImmediate)
      client.write(bytes.subarray(cut))
    })
    for (cut = 1; cut < 145; cut += 3) {
      const socket = await connect(server.url)
      const received: unknown[] = []
      for await (const message of socket) received.push(message)
      expect(received).toEqual(['a', 'b'])
    }
  })

  const tunnel = utf8('HTTP/1.1 200 OK\r\n\r\n')
  const socksTunnel = Uint8Array.of(5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0)

  test.each([
    ['a 101 with frames', {}, [], ''],
    ['a 101 with frames, while its cookie is being stored,', {}, [], 'Set-Cookie: a=1\r\n'],
    ['the answer of a proxy, a 101 with frames', { proxy: 'http://a' }, [tunnel], ''],
    ['the answer of a SOCKS proxy, a 101 with frames', { proxy: 'socks5h://a' }, [socksTunnel], ''],
  ])(
    'loses nothing of %s and the end of a transport, all at once',
    async (_name, options, answers, lines) => {
      // It answers a request at once: each answer is there before the request that it is for.
      const transport = new Duplex({
        read() {},
        write(chunk: Buffer, _encoding, callback) {
          callback()
          if (!chunk.includes('Sec-WebSocket-Key')) return
          transport.push(concat(utf8(acceptance(chunk.toString(), lines)), text('a'), closing(4000)))
          transport.push(null)
        },
      })
      for (const answer of answers) transport.push(answer)
      const setCookie = () => new Promise<void>(resolve => setImmediate(resolve))
      const socket = await connect('ws://example.test', {
        ...options,
        cookies: { getCookieString: () => '', setCookie },
        createConnection: () => transport,
      })
      const received: unknown[] = []
      for await (const message of socket) received.push(message)
      expect(received).toEqual(['a'])
      expect(await socket.closed).toMatchObject({ code: 4000, by: 'peer' })
    },
  )

  test('a rejection through a proxy that arrives with the answer of the proxy, and the end, is read', async () => {
    for (const [proxy, answer] of [
      ['http://a', tunnel],
      ['socks5h://a', socksTunnel],
    ] as const) {
      const createConnection = (): Duplex => {
        const transport = new Duplex({ read() {}, write: (_chunk, _encoding, callback) => callback() })
        transport.push(concat(answer, utf8('HTTP/1.1 503 Busy\r\n\r\nsorry')))
        transport.push(null)
        return transport
      }
      const error = await failureOf(connect('ws://example.test', { proxy, createConnection }))
      expect(error).toMatchObject({ code: 'ERR_WS_REJECTED' })
      expect(await (error as HandshakeError).response?.text()).toBe('sorry')
    }
  })

  test('loses no frame that arrives while a cookie of the 101 is being stored', async () => {
    await using server = await RawServer.start(async client => {
      await client.accept('Set-Cookie: a=1\r\n')
      await new Promise(setImmediate)
      client.write(concat(text('a'), closing(1000)))
    })
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    }
    const socket = await connect(server.url, { cookies: { getCookieString: () => '', setCookie: turns } })
    const received: unknown[] = []
    for await (const message of socket) received.push(message)
    expect(received).toEqual(['a'])
  })

  test('disposal closes with 1000, whether the messages were read or not', async () => {
    await using server = new WebSocketServer({ open: socket => socket.send('a') && socket.send('b') })
    const { url } = await server.listen(0)
    for (const options of [{}, { message: () => {} }]) {
      const socket = await connect(url, options)
      {
        await using _socket = socket
      }
      expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true, by: 'local' })
    }
  })

  test('skips interim responses', async () => {
    await using server = await RawServer.start(async client => {
      const head = await client.head()
      client.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${acceptance(head)}`)
    })
    const socket = await connect(server.url)
    socket.terminate()
  })

  test('holds the server back while the messages are not read', async () => {
    let sent = 0
    let lastSent = 0
    await using server = new WebSocketServer({
      session: async (socket: Socket) => {
        const piece = new Uint8Array(64 * 1024)
        while (sent < 512 && socket.state === 'open') {
          socket.send(piece)
          await socket.ready
          sent++
        }
      },
    })
    const { port } = await server.listen(0)
    const socket = await connect(`ws://127.0.0.1:${port}`)
    // The kernel's buffers fill up, and then nothing moves.
    const hasStopped = (): boolean => {
      const isSame = sent > 0 && sent === lastSent
      lastSent = sent
      return isSame
    }
    await expect.poll(hasStopped, { interval: 100 }).toBe(true)
    expect(sent).toBeLessThan(512)
    let count = 0
    for await (const _ of socket) count++
    expect(count).toBe(512)
  })
})

describe('limits', () => {
  test('maxMessageSize closes with 1009', async () => {
    await using server = new WebSocketServer({ open: socket => socket.send('x'.repeat(101)) })
    const { port } = await server.listen(0)
    const socket = await connect(`ws://127.0.0.1:${port}`, { maxMessageSize: 100 })
    for await (const _ of socket) expect.unreachable()
    expect(await socket.closed).toMatchObject({ code: 1009, by: 'local' })
  })

  test('a silent server is pinged, then terminated', async () => {
    await using server = await RawServer.start(client => client.accept())
    const socket = await connect(server.url, { pingInterval: 20, pongTimeout: 20 })
    expect(await socket.closed).toMatchObject({ code: 1006, by: 'local' })
  })
})

describe('errors', () => {
  test('a refused connection is a ConnectError with the cause of the system', async () => {
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as { port: number }
    await new Promise(resolve => listener.close(resolve))
    const error = await failureOf(connect(`ws://ann:secret@127.0.0.1:${port}/`))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({
      name: 'ConnectError',
      code: 'ERR_WS_CONNECT',
      cause: { code: 'ECONNREFUSED' },
      message: `cannot connect to ws://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    })
  })

  test('a name that does not exist is a ConnectError', async () => {
    const lookup: NonNullable<ConnectOptions['lookup']> = (_name, _options, callback) =>
      callback(Object.assign(new Error('getaddrinfo ENOTFOUND nowhere'), { code: 'ENOTFOUND' }), '')
    expect(await failureOf(connect('ws://nowhere', { lookup }))).toMatchObject({
      code: 'ERR_WS_CONNECT',
      cause: { code: 'ENOTFOUND' },
    })
  })

  test('a rejection is a HandshakeError with the response of the server', async () => {
    await using server = new WebSocketServer({
      upgrade: () =>
        new Response('who are you?', {
          status: 401,
          headers: { 'www-authenticate': 'Basic', 'set-cookie': 'a=1' },
        }),
    })
    const { port } = await server.listen(0)
    const error = await failureOf(connect(`ws://ann:secret@127.0.0.1:${port}/private`))
    expect(error).toBeInstanceOf(HandshakeError)
    expect(error).toMatchObject({
      name: 'HandshakeError',
      code: 'ERR_WS_REJECTED',
      message: `ws://127.0.0.1:${port} answered 401 Unauthorized`,
    })
    const { response } = error as HandshakeError
    expect(response?.status).toBe(401)
    expect(response?.headers.get('www-authenticate')).toBe('Basic')
    expect(response?.headers.getSetCookie()).toEqual(['a=1'])
    expect(await response?.text()).toBe('who are you?')
  })

  test.each([
    ['Content-Length: 5\r\n\r\nhello, and more', 'hello'],
    ['Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n', 'hello'],
    ['\r\nhello', 'hello'],
    ['Content-Length: 10\r\n\r\nhello', 'hello'],
    ['Content-Length: x\r\n\r\nhello', 'hello'],
    ['Content-Length: -3\r\n\r\nhello', 'hello'],
    ['Content-Length: 0x2\r\n\r\nhello', 'hello'],
    ['Content-Length: 2\r\nContent-Length: 2\r\n\r\nhello', 'he'],
    ['Content-Length: 2, 3\r\n\r\nhello', 'hello'],
    ['Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nno size', 'hello'],
    [`Content-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`, 'x'.repeat(65_536)],
    ['Content-Length: 0\r\n\r\n', ''],
  ])('the body of a response that goes on with %j is read', async (rest, body) => {
    await using server = await RawServer.start(async client => {
      await client.head()
      client.write(`HTTP/1.1 503 Busy\r\n${rest}`)
      if (!rest.startsWith('Content-Length: 100000')) client.socket.end()
    })
    const error = (await failureOf(connect(server.url))) as HandshakeError
    expect(error.response?.status).toBe(503)
    expect(await error.response?.text()).toBe(body)
    await server.clients[0]!.closed
  })

  test('a response that must not have a body has none', async () => {
    await using server = await RawServer.start(async client => {
      await client.head()
      client.write('HTTP/1.1 204 No Content\r\n\r\n')
    })
    const { response } = (await failureOf(connect(server.url))) as HandshakeError
    expect(response).toMatchObject({ status: 204, body: null })
  })

  test.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 101 Sw'],
  ])('K6: an end after %s is a HandshakeError without a response', async (_name, bytes) => {
    await using server = await RawServer.start(async client => {
      await client.head()
      client.socket.end(bytes)
    })
    expect(await failureOf(connect(server.url))).toMatchObject({
      name: 'HandshakeError',
      code: 'ERR_WS_NO_RESPONSE',
      response: undefined,
    })
  })

  test('a reset before the answer has its cause', async () => {
    await using server = await RawServer.start(async client => {
      await client.head()
      client.socket.resetAndDestroy()
    })
    expect(await failureOf(connect(server.url))).toMatchObject({
      code: 'ERR_WS_NO_RESPONSE',
      cause: { code: 'ECONNRESET' },
    })
  })
})

describe('deadlines and signals', () => {
  /** A server that does nothing from a stage on, and an attempt to connect to it. */
  const stages: [string, () => Promise<RawServer>][] = [
    ['before the answer', () => RawServer.start()],
    ['within the head', () => RawServer.start(client => client.write('HTTP/1.1 101 Switching'))],
  ]

  test.each(stages)('K8: handshakeTimeout ends an attempt %s', async (_name, start) => {
    await using server = await start()
    const error = await failureOf(connect(server.url, { handshakeTimeout: 50 }))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({
      code: 'ERR_WS_HANDSHAKE_TIMEOUT',
      message: 'the connection was not open within 50 ms',
    })
    await server.clients[0]!.closed
  })

  test.each(stages)('a signal ends an attempt %s with its reason', async (_name, start) => {
    await using server = await start()
    const controller = new AbortController()
    const attempt = failureOf(connect(server.url, { signal: controller.signal }))
    await expect.poll(() => server.clients.length).toBe(1)
    controller.abort(new Error('enough'))
    expect(await attempt).toMatchObject({ message: 'enough' })
    await server.clients[0]!.closed
  })

  test('a signal ends an attempt that looks a name up, and one that waits for createConnection', async () => {
    for (const options of [{ lookup: () => {} }, { createConnection: () => new Promise<never>(() => {}) }]) {
      const controller = new AbortController()
      const attempt = failureOf(connect('ws://example.test', { ...options, signal: controller.signal }))
      await new Promise(setImmediate)
      controller.abort()
      expect(await attempt).toMatchObject({ name: 'AbortError' })
    }
  })

  test('a transport that createConnection returns too late is destroyed', async () => {
    await using server = await RawServer.start()
    const transport = (await import('node:net')).connect(server.port, '127.0.0.1')
    await once(transport, 'connect')
    const controller = new AbortController()
    const late = Promise.withResolvers<typeof transport>()
    const attempt = failureOf(
      connect('ws://example.test', { createConnection: () => late.promise, signal: controller.signal }),
    )
    controller.abort()
    await attempt
    late.resolve(transport)
    await once(transport, 'close')
  })

  test('a signal that is already aborted rejects at once', async () => {
    await using server = await RawServer.start()
    const error = await failureOf(connect(server.url, { signal: AbortSignal.abort() }))
    expect(error).toMatchObject({ name: 'AbortError' })
    expect(server.clients).toEqual([])
  })

  test('an attempt that is over leaves no timer and no listener', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
    const signal = new AbortController().signal
    await using server = await RawServer.start(client => client.accept())
    // The first socket starts the clock that all of them share.
    const first = await connect(server.url)
    const before = timers()
    const socket = await connect(server.url, { signal })
    await failureOf(connect('ws://127.0.0.1:1', { signal }))
    expect(timers()).toBe(before)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    socket.terminate()
    first.terminate()
  })

  test('a signal has no effect on an open socket', async () => {
    await using server = await RawServer.start(client => client.accept())
    const controller = new AbortController()
    const socket = await connect(server.url, { signal: controller.signal, handshakeTimeout: 1000 })
    controller.abort()
    expect(socket.state).toBe('open')
    socket.terminate()
  })

  test('K4: a body that does not end does not hide the answer', async () => {
    await using server = await RawServer.start(async client => {
      await client.head()
      client.write('HTTP/1.1 500 Oops\r\n\r\nso far')
    })
    const { response } = (await failureOf(connect(server.url, { handshakeTimeout: 100 }))) as HandshakeError
    expect(response?.status).toBe(500)
    expect(await response?.text()).toBe('so far')
    await server.clients[0]!.closed
  })
})

describe('a Unix socket', () => {
  test('is named by a ws+unix: URL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'client-'))
    try {
      const path = join(folder, 'the socket')
      await using server = await RawServer.start(client => client.accept(), { path })
      const socket = await connect(`ws+unix://${folder}/the%20socket:/chat?a=b`)
      socket.terminate()
      expect(socket).toMatchObject({ path: '/chat', search: '?a=b' })
      expect(server.errors).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
