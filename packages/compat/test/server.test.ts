// The class `WebSocketServer`: its options, events and methods.

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Duplex } from 'node:stream'
import { RawPeer, upgradeRequest } from '@ws/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ServerOptions, WebSocket, WebSocketServer } from '../src/index.ts'
import { closed, connect, IMPLEMENTATIONS, listen, messages } from './implementations.ts'

describe.each(IMPLEMENTATIONS)('a WebSocketServer of %s', (_, implementation) => {
  test.each([{}, { port: 0, noServer: true }, { server: createServer(), noServer: true }])(
    'needs one of port, server and noServer (%o)',
    options => {
      expect(() => new implementation.WebSocketServer(options)).toThrow(TypeError)
    },
  )

  test('listens on its port, and says where', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const server = new implementation.WebSocketServer({ port: 0, host: '127.0.0.1' }, resolve)
    await promise
    expect(server.address()).toEqual({ address: '127.0.0.1', family: 'IPv4', port: expect.any(Number) })
    await new Promise(done => server.close(done))
    expect(server.address()).toBe(null)
  })

  test('emits an error for a port that is taken', async () => {
    const { port } = await listen(implementation)
    const server = new implementation.WebSocketServer({ port, host: '127.0.0.1' })
    const [error] = await once(server, 'error')
    expect(error.code).toBe('EADDRINUSE')
  })

  test('answers a plain request with 426', async () => {
    const { port } = await listen(implementation)
    const response = await fetch(`http://127.0.0.1:${port}`)
    expect([response.status, await response.text()]).toEqual([426, 'Upgrade Required'])
  })

  test('emits a connection with its request, and has its sockets in clients', async () => {
    const { server, url } = await listen(implementation)
    const client = new implementation.WebSocket(`${url}/path?query`)
    const [socket, request] = (await once(server, 'connection')) as [WebSocket, IncomingMessage]
    expect(socket).toBeInstanceOf(implementation.WebSocket)
    expect(request.url).toBe('/path?query')
    expect([...server.clients]).toEqual([socket])
    await once(client, 'open')
    client.close()
    await once(socket, 'close')
    expect(server.clients.size).toBe(0)
  })

  test('has no clients without clientTracking', async () => {
    const { server } = await connect(implementation, { clientTracking: false })
    expect(server.clients).toBe(undefined)
  })

  test('uses the class of the option WebSocket', async () => {
    class Player extends implementation.WebSocket {
      score = 0
    }
    const { socket } = await connect(implementation, { WebSocket: Player })
    expect((socket as Player).score).toBe(0)
    expect(socket).toBeInstanceOf(Player)
  })

  test('accepts only requests for its path', async () => {
    const { url, port } = await listen(implementation, { path: '/chat' })
    const client = new implementation.WebSocket(`${url}/chat?room=1`)
    await once(client, 'open')
    client.terminate()
    expect(await answer(port, upgradeRequest('/other'))).toMatch(/^HTTP\/1.1 400 /)
  })

  test('accepts what shouldHandle accepts', async () => {
    class Odd extends implementation.WebSocketServer {
      override shouldHandle(request: IncomingMessage): boolean {
        return request.url === '/odd'
      }
    }
    const { port } = await listen({ ...implementation, WebSocketServer: Odd as never })
    expect(await answer(port, upgradeRequest('/even'))).toMatch(/^HTTP\/1.1 400 /)
    expect(await answer(port, upgradeRequest('/odd'))).toMatch(/^HTTP\/1.1 101 /)
  })

  test.each([
    ['the method', 405, upgradeRequest('/', {}, 'POST / HTTP/1.1')],
    ['the key', 400, upgradeRequest('/', { 'Sec-WebSocket-Key': 'short' })],
    ['the subprotocols', 400, upgradeRequest('/', { 'Sec-WebSocket-Protocol': 'a b' })],
    ['the version', undefined, upgradeRequest('/', { 'Sec-WebSocket-Version': '12' })],
  ])('refuses a request because of %s', async (_, status, request) => {
    const { port } = await listen(implementation)
    const head = await answer(port, request)
    expect(head).toMatch(
      status === undefined ? /^HTTP\/1.1 4\d\d .*Sec-WebSocket-Version: 13/s : `HTTP/1.1 ${status} `,
    )
  })

  test('lets the program answer a faulty request', async () => {
    const { server, port } = await listen(implementation)
    server.on('wsClientError', (error, transport, request) => {
      expect(error).toBeInstanceOf(Error)
      transport.end(`HTTP/1.1 499 ${request.url}\r\nConnection: close\r\n\r\n`)
    })
    expect(await answer(port, upgradeRequest('/mine', { 'Sec-WebSocket-Key': 'x' }))).toMatch(
      /^HTTP\/1.1 499 \/mine/,
    )
  })

  test('asks verifyClient, which answers at once', async () => {
    const infos: unknown[] = []
    const verifyClient = (info: { origin: string; secure: boolean; req: IncomingMessage }): boolean => {
      infos.push([info.origin, info.secure, info.req.url])
      return info.origin === 'http://a'
    }
    const { port } = await listen(implementation, { verifyClient } as ServerOptions)
    expect(await answer(port, upgradeRequest('/', { Origin: 'http://a' }))).toMatch(/^HTTP\/1.1 101 /)
    expect(await answer(port, upgradeRequest('/', { Origin: 'http://b' }))).toMatch(/^HTTP\/1.1 401 /)
    expect(infos).toEqual([
      ['http://a', false, '/'],
      ['http://b', false, '/'],
    ])
  })

  test('asks verifyClient, which answers later', async () => {
    const { port } = await listen(implementation, {
      verifyClient: ({ req }, callback) =>
        setImmediate(() => {
          if (req.url === '/') callback(true)
          else callback(false, 429, 'Too many', { 'Retry-After': 120 })
        }),
    })
    expect(await answer(port, upgradeRequest('/'))).toMatch(/^HTTP\/1.1 101 /)
    const refused = await answer(port, upgradeRequest('/no'), true)
    expect(refused).toMatch(/^HTTP\/1.1 429 .*\r\n\r\nToo many$/s)
    expect(refused).toContain('Retry-After: 120\r\n')
  })

  test('chooses the first subprotocol, or that of handleProtocols', async () => {
    const offered: unknown[] = []
    const handleProtocols = (protocols: Set<string>, { url }: IncomingMessage): string | false => {
      offered.push([...protocols])
      return url === '/none' ? false : 'b'
    }
    const lines = { 'Sec-WebSocket-Protocol': 'a, b' }
    const first = await listen(implementation)
    expect(await answer(first.port, upgradeRequest('/', lines))).toContain('Sec-WebSocket-Protocol: a\r\n')
    const { port } = await listen(implementation, { handleProtocols })
    expect(await answer(port, upgradeRequest('/', lines))).toContain('Sec-WebSocket-Protocol: b\r\n')
    expect(await answer(port, upgradeRequest('/none', lines))).not.toContain('Sec-WebSocket-Protocol')
    expect(await answer(port, upgradeRequest('/'))).not.toContain('Sec-WebSocket-Protocol')
    expect(offered).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  test('lets the program change the headers of the answer', async () => {
    const { server, port } = await listen(implementation)
    server.on('headers', (headers, request) => headers.push(`X-Path: ${request.url}`))
    const head = await answer(port, upgradeRequest('/path'))
    expect(head).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n/)
    expect(head).toContain('X-Path: /path\r\n')
    expect(head).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')
  })

  test('shares an HTTP server, which it does not close', async () => {
    const http = createServer((_, response) => response.end('http'))
    const server = new implementation.WebSocketServer({ server: http })
    const listening = once(server, 'listening')
    const url = await listenOn(http)
    await listening
    expect(server.address()).toEqual(http.address())
    const client = new implementation.WebSocket(url)
    await once(client, 'open')
    const response = await fetch(url.replace('ws:', 'http:'))
    expect(await response.text()).toBe('http')
    client.close()
    await once(client, 'close')
    await new Promise(resolve => server.close(resolve))
    expect(http.listening).toBe(true)
    expect(http.listenerCount('upgrade')).toBe(0)
  })

  test('handles the upgrades of a program with noServer, with its own arguments', async () => {
    const server = new implementation.WebSocketServer({ noServer: true })
    const http = createServer()
    http.on('upgrade', (request, transport, head) => {
      server.handleUpgrade(request, transport, head, (socket, upgraded) => {
        expect(upgraded).toBe(request)
        server.emit('connection', socket, upgraded, 'extra')
      })
    })
    const client = new implementation.WebSocket(await listenOn(http))
    const [socket, , extra] = await once(server, 'connection')
    expect(extra).toBe('extra')
    const received = messages(client, 1)
    socket.send('hello')
    expect(await received).toEqual(['hello'])
    client.terminate()
    expect(() => server.address()).toThrow('noServer')
  })

  test('delivers what the client has sent with its request', async () => {
    const { server, port } = await listen(implementation)
    const received: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    server.on('connection', socket => {
      socket.on('message', data => {
        received.push(String(data))
        resolve()
      })
    })
    await using peer = await RawPeer.connect(port)
    await peer.write(Buffer.concat([Buffer.from(upgradeRequest()), Buffer.of(0x81, 0x81, 0, 0, 0, 0, 0x61)]))
    await promise
    expect(received).toEqual(['a'])
  })

  test('refuses to upgrade a transport twice', async () => {
    const server = new implementation.WebSocketServer({ noServer: true })
    const http = createServer()
    const { promise, resolve } = Promise.withResolvers<unknown>()
    http.on('upgrade', (request, transport, head) => {
      server.handleUpgrade(request, transport, head, () => {
        try {
          server.handleUpgrade(request, transport, head, () => {})
        } catch (error) {
          resolve(error)
        }
      })
    })
    const client = new implementation.WebSocket(await listenOn(http))
    client.on('error', () => {})
    expect(String(await promise)).toContain('called more than once with the same socket')
    client.terminate()
  })

  test('upgrades a request that the program has made up, over any stream', async () => {
    const server = new implementation.WebSocketServer({ noServer: true })
    const sent: Buffer[] = []
    const transport = new Duplex({
      read() {},
      write(chunk, _encoding, callback) {
        sent.push(chunk)
        callback()
      },
    })
    const headers = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': 13,
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    const request = { method: 'GET', url: '/', httpVersion: '1.1', headers } as never
    const { promise, resolve } = Promise.withResolvers<WebSocket>()
    server.handleUpgrade(request, transport, Buffer.alloc(0), resolve)
    const socket = await promise
    await new Promise(written => socket.send('x', written))
    expect(String(Buffer.concat(sent))).toMatch(/^HTTP\/1.1 101 /)
    socket.terminate()
  })

  test('closes once its sockets have closed', async () => {
    const { server, client, url } = await connect(implementation)
    const order: string[] = []
    server.on('close', () => order.push('close event'))
    const closing = new Promise<unknown>(resolve => server.close(resolve))
    const late = new implementation.WebSocket(url)
    await once(late, 'error')
    order.push('late client refused')
    client.close()
    expect(await closing).toBe(undefined)
    expect(order).toEqual(['late client refused', 'close event'])
    const error = await new Promise(resolve => server.close(resolve))
    expect(String(error)).toContain('The server is not running')
  })

  test('closes at once with noServer and without sockets, and refuses upgrades with 503', async () => {
    const server = new implementation.WebSocketServer({ noServer: true })
    const http = createServer()
    http.on('upgrade', (request, transport, head) => server.handleUpgrade(request, transport, head, () => {}))
    const url = await listenOn(http)
    await new Promise(resolve => server.close(resolve))
    const client = new implementation.WebSocket(url)
    expect(String((await once(client, 'error'))[0])).toContain('503')
  })

  test('limits messages by maxPayload', async () => {
    const { client, socket } = await connect(implementation, { maxPayload: 10 })
    socket.on('error', () => {})
    const end = closed(client)
    client.send('x'.repeat(11))
    const [code] = await end
    expect(code).toBe(1009)
  })

  test('has the options with their defaults', async () => {
    const server: WebSocketServer = new implementation.WebSocketServer({ noServer: true, path: '/x' })
    expect(server.options).toMatchObject({
      noServer: true,
      path: '/x',
      clientTracking: true,
      maxPayload: 100 * 2 ** 20,
      perMessageDeflate: false,
      WebSocket: implementation.WebSocket,
    })
  })
})

async function listenOn(http: ReturnType<typeof createServer>): Promise<string> {
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
}

/** The head of the answer to a request, or all of a refusal. */
async function answer(port: number, request: string, isWhole = false): Promise<string> {
  await using peer = await RawPeer.connect(port)
  await peer.write(request)
  return isWhole ? String(Buffer.from(await peer.ended())) : await peer.head()
}
