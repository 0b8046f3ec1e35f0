// The opening handshake of a client: URLs, options and events.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { createCertificate } from '@ws/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ClientOptions, WebSocket } from '../src/index.ts'
import { closed, connect, IMPLEMENTATIONS, listen } from './implementations.ts'

describe.each(IMPLEMENTATIONS)('a client of %s', (_, implementation) => {
  /** A client that is ended with the test. */
  const open = (url: string | URL, options?: ClientOptions, protocols: string[] = []): WebSocket => {
    const client = new implementation.WebSocket(url, protocols, options)
    onTestFinished(() => client.terminate())
    return client
  }

  test.each(['', 'no url', 'ftp://host', 'ws+unix:', 'ws://host/#fragment'])('refuses the URL %j', url => {
    expect(() => new implementation.WebSocket(url)).toThrow(SyntaxError)
  })

  test.each([['a b'], ['a', 'a'], [''], [1 as never]])('refuses the subprotocols %j', (...protocols) => {
    expect(() => new implementation.WebSocket('ws://localhost', protocols)).toThrow(SyntaxError)
  })

  test('refuses other versions than 13', () => {
    expect(() => new implementation.WebSocket('ws://localhost', { protocolVersion: 12 })).toThrow(RangeError)
  })

  test('takes ws: and http:, as a string and as a URL', async () => {
    const { port } = await listen(implementation)
    for (const url of [`ws://127.0.0.1:${port}`, new URL(`http://127.0.0.1:${port}/`)]) {
      const client = open(url)
      await once(client, 'open')
      expect(client.url).toBe(`ws://127.0.0.1:${port}/`)
    }
  })

  test('has no url on a server', async () => {
    const { socket } = await connect(implementation)
    expect(socket.url).toBe(undefined)
  })

  test.skipIf(process.platform === 'win32')('connects to a Unix socket, and to a path there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'compat-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'socket')
    const requests: unknown[] = []
    const http = upgradingServer((request, transport) => {
      requests.push(request.url)
      transport.destroy()
    })
    await new Promise<void>(resolve => http.listen(path, resolve))
    for (const url of [`ws+unix:${path}`, `ws+unix:${path}:/path?query`]) await once(open(url), 'error')
    expect(requests).toEqual(['/', '/path?query'])
  })

  test('sends the headers, the origin, the credentials and the subprotocols', async () => {
    const { url, request } = await requested()
    const options = { headers: { 'X-Name': 'ann', Cookie: 'a=b' }, origin: 'https://example.com' }
    open(url.replace('//', '//user:pass%20word@'), options, ['a', 'b']).on('error', () => {})
    const { headers } = await request
    expect(headers).toMatchObject({
      'x-name': 'ann',
      cookie: 'a=b',
      origin: 'https://example.com',
      authorization: `Basic ${Buffer.from('user:pass word').toString('base64')}`,
      'sec-websocket-protocol': expect.stringMatching(/^a, ?b$/),
      'sec-websocket-version': '13',
      upgrade: 'websocket',
      connection: 'Upgrade',
      host: new URL(url).host,
    })
  })

  test('offers compression by default, and not without perMessageDeflate', async () => {
    const first = await requested()
    open(first.url).on('error', () => {})
    expect((await first.request).headers['sec-websocket-extensions']).toMatch(/^permessage-deflate/)
    const second = await requested()
    open(second.url, { perMessageDeflate: false }).on('error', () => {})
    expect((await second.request).headers['sec-websocket-extensions']).toBe(undefined)
  })

  test('uses an agent, and createConnection', async () => {
    const { url } = await listen(implementation)
    const agent = new Agent()
    const create = agent.createConnection.bind(agent)
    const used: string[] = []
    agent.createConnection = ((...args: Parameters<typeof create>) => {
      used.push('agent')
      return create(...args)
    }) as typeof create
    await once(open(url, { agent }), 'open')
    const createConnection = (options: never): unknown => {
      used.push('createConnection')
      return connectTcp(options)
    }
    await once(open(url, { createConnection }), 'open')
    expect(used).toEqual(['agent', 'createConnection'])
  })

  test('lets finishRequest end the request', async () => {
    const { url, request } = await requested()
    const client = open(url, {
      finishRequest(sent, socket) {
        expect(socket).toBeInstanceOf(implementation.WebSocket)
        sent.setHeader('X-Late', 'yes')
        setImmediate(() => sent.end())
      },
    })
    client.on('error', () => {})
    expect((await request).headers['x-late']).toBe('yes')
  })

  test('connects over TLS, with the options of tls.connect', async () => {
    const { cert, key } = createCertificate()
    const https = createSecureServer({ cert, key })
    const server = new implementation.WebSocketServer({ server: https })
    onTestFinished(() => void https.close())
    await new Promise<void>(resolve => https.listen(0, '127.0.0.1', resolve))
    const { port } = https.address() as AddressInfo
    const [error] = await once(open(`wss://localhost:${port}`, { family: 4 }), 'error')
    expect(error.code).toMatch(/CERT|SELF_SIGNED|VERIFY/)
    const client = open(`wss://localhost:${port}`, { ca: cert, family: 4 })
    await once(client, 'open')
    for (const socket of server.clients) socket.terminate()
  })

  test('emits the response as upgrade, before open', async () => {
    const { server, url } = await listen(implementation)
    server.on('headers', headers => headers.push('Set-Cookie: a=b'))
    const client = open(url)
    const order: string[] = []
    client.on('open', () => order.push('open'))
    client.on('upgrade', ({ headers }) => order.push(`upgrade ${headers['set-cookie']}`))
    await once(client, 'open')
    expect(order).toEqual(['upgrade a=b', 'open'])
  })

  test('has the subprotocol and the extension of the server', async () => {
    const { url } = await listen(implementation, { perMessageDeflate: true })
    const client = open(url, {}, ['a', 'b'])
    expect([client.protocol, client.extensions]).toEqual(['', ''])
    await once(client, 'open')
    expect([client.protocol, client.extensions]).toEqual(['a', 'permessage-deflate'])
  })

  test('emits an error and a close with 1006 when the server cannot be reached', async () => {
    const client = open('ws://127.0.0.1:1')
    const end = closed(client)
    const failure = new Promise<NodeJS.ErrnoException>(resolve => client.on('error', resolve))
    expect((await failure).code).toBe('ECONNREFUSED')
    expect(await end).toEqual([1006, ''])
  })

  test('fails for another status than 101, unless the program handles the response', async () => {
    const http = createServer()
    http.on('upgrade', (_request, transport) => {
      transport.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
    })
    const url = await listenOn(http)
    const [error] = await once(open(url), 'error')
    expect(error.message).toBe('Unexpected server response: 401')
    const client = open(url)
    client.on('error', () => {})
    const [request, response] = await once(client, 'unexpected-response')
    expect(request.path).toBe('/')
    expect([response.statusCode, (await response.toArray()).join('')]).toEqual([401, 'no'])
    expect(client.readyState).toBe(client.CONNECTING)
  })

  test.each([
    ['a wrong Sec-WebSocket-Accept', () => ['Sec-WebSocket-Accept: wrong']],
    [
      'an Upgrade to something else',
      (accept: string) => ['Upgrade: other', `Sec-WebSocket-Accept: ${accept}`],
    ],
    [
      'a subprotocol that was not requested',
      (accept: string) => [accepts(accept), 'Sec-WebSocket-Protocol: x'],
    ],
    [
      'an extension that was not offered',
      (accept: string) => [accepts(accept), 'Sec-WebSocket-Extensions: x'],
    ],
    [
      'invalid parameters',
      (accept: string) => [accepts(accept), 'Sec-WebSocket-Extensions: permessage-deflate; x=1'],
    ],
  ])('fails for %s', async (_name, lines) => {
    const url = await answering(lines)
    const client = open(url)
    const end = closed(client)
    const failure = new Promise<Error>(resolve => client.on('error', resolve))
    expect(await failure).toBeInstanceOf(Error)
    expect(await end).toEqual([1006, ''])
  })

  test('fails when the server chooses none of the subprotocols', async () => {
    const url = await answering(accept => [accepts(accept)])
    const [error] = await once(open(url, {}, ['a']), 'error')
    expect(error.message).toBe('Server sent no subprotocol')
  })

  test('fails when the handshake takes longer than handshakeTimeout', async () => {
    const http = createServer()
    http.on('upgrade', () => {})
    const [error] = await once(open(await listenOn(http), { handshakeTimeout: 50 }), 'error')
    expect(error.message).toBe('Opening handshake has timed out')
  })

  test('follows redirects when it is told to', async () => {
    const { url: end } = await listen(implementation)
    const start = await redirecting(() => end)
    const [error] = await once(open(start), 'error')
    expect(error.message).toBe('Unexpected server response: 302')
    const client = open(start, { followRedirects: true })
    await once(client, 'open')
    expect(client.url).toBe(`${end}/`)
  })

  test('follows at most maxRedirects', async () => {
    const start = await redirecting(url => url)
    const [error] = await once(open(start, { followRedirects: true, maxRedirects: 2 }), 'error')
    expect(error.message).toBe('Maximum redirects exceeded')
  })

  test('fails for a redirect to what is not a WebSocket', async () => {
    const start = await redirecting(() => 'ftp://example.com')
    const [error] = await once(open(start, { followRedirects: true }), 'error')
    expect(error).toBeInstanceOf(SyntaxError)
  })

  test('does not send credentials to another server', async () => {
    const { url, request } = await requested()
    const start = await redirecting(() => url)
    const options = {
      followRedirects: true,
      headers: { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Name': 'ann' },
      auth: 'user:password',
    }
    open(start, options).on('error', () => {})
    const { headers } = await request
    expect(headers['x-name']).toBe('ann')
    expect([headers.authorization, headers.cookie]).toEqual([undefined, undefined])
  })

  test('leaves the credentials to a listener of redirect', async () => {
    const { url, request } = await requested()
    const start = await redirecting(() => url)
    const client = open(start, {
      followRedirects: true,
      headers: { Authorization: 'Bearer x', Cookie: 'a=b' },
    })
    client.on('error', () => {})
    client.on('redirect', (to, sent) => {
      expect(to).toBe(`${url}/`)
      sent.removeHeader('cookie')
    })
    const { headers } = await request
    expect([headers.authorization, headers.cookie]).toEqual(['Bearer x', undefined])
  })

  test('gives up when a listener of upgrade closes it', async () => {
    const { url } = await listen(implementation)
    const client = open(url)
    client.on('upgrade', () => client.close())
    const [error] = await once(client, 'error')
    expect(error.message).toBe('WebSocket was closed before the connection was established')
  })
})

const accepts = (accept: string): string => `Upgrade: websocket\r\nSec-WebSocket-Accept: ${accept}`

/** A server whose 101 has these lines. */
function answering(lines: (accept: string) => string[]): Promise<string> {
  const http = upgradingServer((request, transport) => {
    const key = request.headers['sec-websocket-key']
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const given = lines(accept)
    const upgrade = given.join().includes('Upgrade:') ? [] : ['Upgrade: websocket']
    transport.write(
      ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', ...upgrade, ...given, '', ''].join('\r\n'),
    )
  })
  return listenOn(http)
}

/** A server that answers with redirects. */
async function redirecting(location: (url: string) => string): Promise<string> {
  const http = upgradingServer((_request, transport) => {
    transport.end(`HTTP/1.1 302 Found\r\nLocation: ${location(url)}\r\nContent-Length: 0\r\n\r\n`)
  })
  const url = await listenOn(http)
  return url
}

/** A server that ends its connections, and the next request. */
async function requested(): Promise<{ readonly url: string; readonly request: Promise<IncomingMessage> }> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
  const http = upgradingServer((request, transport) => {
    resolve(request)
    transport.destroy()
  })
  return { url: await listenOn(http), request: promise }
}

function upgradingServer(answer: (request: IncomingMessage, transport: Duplex) => void): Server {
  const http = createServer()
  http.on('upgrade', (request, transport) => {
    transport.on('error', () => {})
    answer(request, transport)
  })
  onTestFinished(() => void http.close())
  return http
}

async function listenOn(http: Server): Promise<string> {
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
}
