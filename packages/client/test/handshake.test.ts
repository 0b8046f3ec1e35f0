// The request of `connect`, and the negotiation.

import { Duplex } from 'node:stream'
import { permessageDeflate } from '@ws/deflate'
import { WebSocketServer } from '@ws/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ConnectOptions, connect } from '../src/index.ts'
import { failureOf } from './failure.ts'
import { acceptance, RawServer } from './raw-server.ts'

let server: RawServer
beforeAll(async () => {
  server = await RawServer.start(client => client.accept())
})
afterAll(() => server[Symbol.asyncDispose]())

/** The head of the request, with the head's lines in lower case up to their colons. */
async function requestOf(url: string, options: ConnectOptions = {}): Promise<string> {
  let head = ''
  await using recorder = await RawServer.start(async client => {
    head = await client.head()
    client.write(acceptance(head))
  })
  const socket = await connect(url.replace('HOST', `127.0.0.1:${recorder.port}`), options)
  socket.terminate()
  return head
    .split('\r\n')
    .map(line => line.replace(/^[A-Za-z-]+:/, name => name.toLowerCase()))
    .join('\r\n')
}

describe('the request', () => {
  test('has the path, the host and the port of the URL, and nothing that was not asked for', async () => {
    const head = await requestOf('ws://HOST/a%20b/?c=d')
    expect(head.replace(/127.0.0.1:\d+/, 'HOST').replace(/key: .*\r/, 'key: KEY\r')).toBe(
      [
        'GET /a%20b/?c=d HTTP/1.1',
        'host: HOST',
        'upgrade: websocket',
        'connection: Upgrade',
        'sec-websocket-key: KEY',
        'sec-websocket-version: 13',
        '\r\n',
      ].join('\r\n'),
    )
  })

  test('has the credentials of the URL as Basic authentication in UTF-8', async () => {
    const head = await requestOf('ws://ann:p%C3%A4ss%3Aword@HOST/')
    const value = Buffer.from('ann:päss:word').toString('base64')
    expect(head).toContain(`\r\nauthorization: Basic ${value}\r\n`)
    expect(head).not.toContain('ann')
  })

  test('takes credentials that are not percent-encoded correctly as they are', async () => {
    const head = await requestOf('ws://a%ffn@HOST/')
    expect(head).toContain(`authorization: Basic ${Buffer.from('a%ffn:').toString('base64')}\r\n`)
  })

  test('prefers Authorization of the headers to credentials', async () => {
    const head = await requestOf('ws://ann:secret@HOST/', { headers: { authorization: 'Bearer x' } })
    expect(head.match(/authorization: .*/g)).toEqual(['authorization: Bearer x'])
  })

  test('has further headers, and Host and Origin as given', async () => {
    const headers = new Headers({ Host: 'example.com', 'X-A': '1' })
    headers.append('X-A', '2')
    const head = await requestOf('ws://HOST/', { headers, origin: 'https://page.example' })
    expect(head).toContain('\r\nhost: example.com\r\n')
    expect(head).toContain('\r\norigin: https://page.example\r\n')
    expect(head).toContain('\r\nx-a: 1, 2\r\n')
  })

  test('takes Origin from the headers too', async () => {
    expect(await requestOf('ws://HOST/', { headers: { origin: 'https://a.example' } })).toContain(
      '\r\norigin: https://a.example\r\n',
    )
  })

  test('sends header values beyond ASCII as bytes', async () => {
    const value = Buffer.from('grüße').toString('latin1')
    const head = await requestOf('ws://HOST/', { headers: { 'x-name': value } })
    expect(Buffer.from(/x-name: (.*)\r/.exec(head)![1]!, 'latin1').toString()).toBe('grüße')
  })
})

describe('subprotocols', () => {
  test('are offered, and the chosen one is that of the socket', async () => {
    await using choosing = new WebSocketServer({ protocols: ['b', 'a'] })
    const { port } = await choosing.listen(0)
    for (const protocols of ['b', ['a', 'b']]) {
      const socket = await connect(`ws://127.0.0.1:${port}`, { protocols })
      expect(socket.protocol).toBe('b')
      socket.terminate()
    }
  })

  test('a server that chooses none fails the connection, as in browsers', async () => {
    expect(await failureOf(connect(server.url, { protocols: ['a', 'b'] }))).toMatchObject({
      name: 'HandshakeError',
      code: 'ERR_WS_NO_SUBPROTOCOL',
      message: `${server.url} chose none of the subprotocols a, b`,
    })
  })

  test('a server that chooses another one fails the connection', async () => {
    await using wrong = await RawServer.start(client => client.accept('Sec-WebSocket-Protocol: c\r\n'))
    expect(await failureOf(connect(wrong.url, { protocols: 'a' }))).toMatchObject({
      code: 'ERR_WS_INVALID_RESPONSE',
    })
  })
})

describe('extensions', () => {
  test('messages are compressed both ways with permessage-deflate', async () => {
    const data = 'compressible '.repeat(1000)
    await using compressing = new WebSocketServer({
      extensions: [permessageDeflate()],
      message: (socket, message) => socket.send(message),
    })
    const { port } = await compressing.listen(0)
    const socket = await connect(`ws://127.0.0.1:${port}`, { extensions: [permessageDeflate()] })
    socket.send(data)
    for await (const message of socket) {
      expect(message).toBe(data)
      break
    }
    expect(compressing.stats().bytesReceived).toBeLessThan(data.length / 10)
    expect(compressing.stats().bytesSent).toBeLessThan(data.length / 10)
    socket.close()
    await socket.closed
  })

  test.each([
    ['invalid parameters', 'permessage-deflate; server_max_window_bits=99'],
    ['two extensions', 'permessage-deflate, permessage-deflate'],
    ['an extension that was not offered', 'x-other'],
  ])('an answer with %s fails the connection', async (_name, extensions) => {
    await using wrong = await RawServer.start(client =>
      client.accept(`Sec-WebSocket-Extensions: ${extensions}\r\n`),
    )
    const attempt = connect(wrong.url, { extensions: [permessageDeflate()] })
    expect(await failureOf(attempt)).toMatchObject({ code: 'ERR_WS_INVALID_RESPONSE', response: undefined })
    await wrong.clients[0]!.closed
  })
})

describe('wrong options', () => {
  const wrong: [string, unknown, string][] = [
    ['protocols', [], ''],
    ['protocols', ['a', 'a'], 'protocols must be distinct tokens, not ["a","a"]'],
    ['protocols', [1], 'protocols must be distinct tokens'],
    ['protocols', 5, 'protocols must be a string or a list of strings'],
    ['extensions', {}, 'extensions must be a list of such as permessageDeflate() of @ws/deflate'],
    ['extensions', [null], 'extensions must be a list of such as permessageDeflate() of @ws/deflate'],
    ['headers', { 'x y': '1' }, 'headers: "x y" is not a name'],
    ['headers', { x: '\u0100' }, 'headers: the value of "x"'],
    ['headers', { x: 'a\nb' }, 'headers: the value of "x"'],
    ['headers', { x: undefined }, 'headers: the value of "x" must be a string, not undefined'],
    ['headers', [['x', 5]], 'headers: the value of "x" must be a string, not number'],
    ['headers', [['x']], 'headers must be'],
    ['headers', 'x: y', 'headers must be'],
    ['headers', null, 'headers must be'],
    ['headers', { upgrade: 'h2c' }, 'header upgrade is set by the handshake itself'],
    ['headers', { 'Content-Length': '5' }, 'header content-length is set by the handshake itself'],
    ['headers', { host: 'a b' }, 'host must be host[:port]'],
    ['origin', 'a\nb', 'the value of Origin must be printable ASCII'],
    ['origin', 5, 'origin must be a string'],
    ['signal', {}, 'signal must be an AbortSignal'],
    ['handshakeTimeout', -1, 'handshakeTimeout must be from 0'],
    ['maxRedirects', 1.5, 'maxRedirects must be a whole number from 0, not 1.5'],
    ['proxy', 'ftp://a', 'proxy must be an http:, https:, socks5: or socks5h: URL with a host'],
    ['cookies', {}, 'cookies must have the methods getCookieString and setCookie'],
    ['tls', 1, 'tls must be an object'],
    ['lookup', 1, 'lookup must be a function'],
    ['localAddress', '', 'localAddress must be an IP address, not ""'],
    ['localAddress', 'eth0', 'localAddress must be an IP address, not "eth0"'],
    ['autoSelectFamily', 1, 'autoSelectFamily must be true or false, not number'],
    ['createConnection', 1, 'createConnection must be a function'],
    ['maxMesageSize', 1, 'unknown option "maxMesageSize" (did you mean "maxMessageSize"?)'],
    ['message', 1, 'message must be a function'],
    ['maxMessageSize', 0, 'maxMessageSize must be'],
  ]

  test.each(wrong.slice(1))('%s: %j is rejected before anything is opened', async (name, value, message) => {
    const before = server.clients.length
    const error = await failureOf(connect(server.url, { [name]: value }))
    expect(error).toSatisfy(given => given instanceof TypeError || given instanceof RangeError)
    expect(String(error)).toContain(message)
    expect(server.clients).toHaveLength(before)
  })

  test.each([
    ['', 'url must be an absolute URL'],
    ['/chat', 'url must be an absolute URL'],
    ['//ann:secret@host', 'url must be an absolute URL'],
    ['ftp://ann:secret@host', 'url must begin with ws:, wss:, http:, https: or ws+unix:, not with "ftp:"'],
    ['ws://host/#a', 'url must not have a fragment (RFC 6455 §3)'],
    ['ws+unix:///:/a', 'a ws+unix: URL must name a socket and a path there'],
    ['ws+unix://host/a:/b', 'a ws+unix: URL must name a socket and a path there'],
    ['ws+unix:///a:b', 'a ws+unix: URL must name a socket and a path there'],
  ])('the URL %j is rejected', async (url, message) => {
    const error = await failureOf(connect(url))
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain(message)
    expect(String(error)).not.toContain('secret')
  })
})

describe('createConnection', () => {
  test('opens the transport', async () => {
    const { connect: connectNet } = await import('node:net')
    const asked: unknown[] = []
    const socket = await connect('ws://example.test:8080/', {
      createConnection: ({ hostname, port }) => {
        asked.push({ hostname, port })
        return connectNet(server.port, '127.0.0.1')
      },
    })
    socket.terminate()
    expect(asked).toEqual([{ hostname: 'example.test', port: 8080 }])
  })

  test('that throws, or returns anything but a stream, rejects with a ConnectError', async () => {
    const throwing = (): never => {
      throw new Error('no')
    }
    expect(await failureOf(connect(server.url, { createConnection: throwing }))).toMatchObject({
      code: 'ERR_WS_CONNECT',
      cause: { message: 'no' },
    })
    expect(await failureOf(connect(server.url, { createConnection: (() => ({})) as never }))).toMatchObject({
      cause: { message: 'createConnection must return a stream.Duplex, or a promise of one' },
    })
  })
})

describe('wrapTransport', () => {
  test('sees what is sent and received, and must return a stream', async () => {
    const wrapped: string[] = []
    const socket = await connect(server.url, {
      wrapTransport: transport =>
        duplexPairOf(transport, bytes => wrapped.push(bytes.toString('latin1').split(' ')[0]!)),
    })
    socket.terminate()
    expect(wrapped).toEqual(['GET', 'HTTP/1.1'])
    const attempt = connect(server.url, { wrapTransport: () => ({}) as never })
    expect(await failureOf(attempt)).toMatchObject({ message: 'wrapTransport must return a stream.Duplex' })
    await server.clients.at(-1)!.closed
  })
})

/** A stream that reads and writes another, and reports the bytes of both directions. */
function duplexPairOf(transport: Duplex, report: (bytes: Buffer) => void): Duplex {
  return new Duplex({
    read() {
      transport.once('data', (bytes: Buffer) => {
        report(bytes)
        this.push(bytes)
      })
    },
    write(bytes: Buffer, _encoding, done) {
      report(bytes)
      transport.write(bytes, done)
    },
    destroy(error, done) {
      transport.destroy()
      done(error)
    },
  })
}

describe('addresses', () => {
  test('of IPv6 are written in brackets', async () => {
    await using v6 = await RawServer.start(client => client.accept(), { host: '::1' })
    const socket = await connect(`ws://[::1]:${v6.port}/`)
    expect(socket.remoteAddress).toBe('::1')
    socket.terminate()
  })

  test('both families are tried', async () => {
    const socket = await connect(`ws://localhost.test:${server.port}/`, {
      lookup: (_name, _options, callback) =>
        callback(null, [
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ]),
      autoSelectFamily: true,
    })
    expect(socket.remoteAddress).toBe('127.0.0.1')
    socket.terminate()
  })

  test('localAddress is that of the connection', async () => {
    const socket = await connect(server.url, { localAddress: '127.0.0.2' })
    expect(server.clients.at(-1)!.socket.remoteAddress).toBe('127.0.0.2')
    socket.terminate()
  })
})
