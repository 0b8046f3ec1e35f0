// `@ws/server/testing`: a client without a port.

import { describe, expect, test } from 'vitest'
import { type Socket, WebSocketServer } from '../src/index.ts'
import { connectTo, HandshakeError, type TestSocket } from '../src/testing.ts'

async function next(client: TestSocket): Promise<string | Uint8Array | undefined> {
  for await (const message of client) return message
  return undefined
}

describe('connectTo', () => {
  test('exchanges messages with a server that does not listen', async () => {
    await using server = new WebSocketServer({
      upgrade: ({ url }) => ({ data: { name: url.searchParams.get('name') ?? '' } }),
      message: (socket, data) => socket.send(`${socket.data.name}: ${data}`),
    })
    await using client = await connectTo(server, '/?name=ann')
    client.send('hi')
    client.send('again')
    expect(await next(client)).toBe('ann: hi')
    expect(await next(client)).toBe('ann: again')
    expect(server.sockets.size).toBe(1)
    expect([client.path, client.search, client.state]).toEqual(['/', '?name=ann', 'open'])
  })

  test('receives what the server sends in open, binary too, and ends with the socket', async () => {
    await using server = new WebSocketServer({
      open(socket) {
        socket.send('hello')
        socket.send(Uint8Array.of(1, 2))
        socket.close(4001, 'bye')
      },
    })
    await using client = await connectTo(server)
    expect(await client.closed).toMatchObject({ code: 4001, reason: 'bye', by: 'peer' })
    const received: unknown[] = []
    for await (const message of client) received.push(message)
    expect(received).toEqual(['hello', Uint8Array.of(1, 2)])
  })

  test('sends headers and subprotocols, from the given address', async () => {
    const seen: unknown[] = []
    await using server = new WebSocketServer({
      protocols: ['chat'],
      origin: ['https://example.com'],
      upgrade({ headers, remoteAddress, url, raw }) {
        seen.push(headers.get('cookie'), remoteAddress, url.href, raw.headers.authorization)
        return {}
      },
    })
    await using client = await connectTo(server, '/x', {
      headers: { Cookie: 'a=1', Authorization: 'Bearer x', Host: 'a.example', Origin: 'https://example.com' },
      protocols: ['chat', 'other'],
      remoteAddress: '192.0.2.1',
    })
    expect(client.protocol).toBe('chat')
    expect(seen).toEqual(['a=1', '192.0.2.1', 'ws://a.example/x', 'Bearer x'])
    const [socket] = server.sockets as Iterable<Socket<undefined>>
    expect(socket!.remoteAddress).toBe('192.0.2.1')
  })

  test('rejects with the response of the server', async () => {
    await using server = new WebSocketServer({
      upgrade: () => new Response('log in first', { status: 401, headers: { 'X-Why': 'because' } }),
    })
    const error = await connectTo(server).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(HandshakeError)
    const { response } = error as HandshakeError
    expect([response.status, await response.text()]).toEqual([401, 'log in first'])
    expect(response.headers.get('x-why')).toBe('because')
    const cross = connectTo(server, '/', { headers: { Origin: 'https://evil.example' } })
    await expect(cross).rejects.toMatchObject({ response: { status: 403 } })
  })

  test('meets the limits of the server', async () => {
    await using server = new WebSocketServer({ maxMessageSize: 5, maxSocketsPerAddress: 1, message() {} })
    await using client = await connectTo(server)
    await expect(connectTo(server)).rejects.toMatchObject({ response: { status: 429 } })
    await using _other = await connectTo(server, '/', { remoteAddress: '192.0.2.1' })
    client.send('too long')
    expect(await client.closed).toMatchObject({ code: 1009 })
  })

  test('connects to a route', async () => {
    const server = new WebSocketServer()
    const room = server.route('/rooms/:id', {
      upgrade: ({ params }) => ({ data: params.id }),
      open: socket => socket.send(`room ${socket.data}`),
    })
    await using client = await connectTo(room, '/rooms/7')
    expect(await next(client)).toBe('room 7')
    await expect(connectTo(server, '/x')).rejects.toMatchObject({ response: { status: 404 } })
    const closed = server.close()
    expect(await client.closed).toMatchObject({ code: 1001 })
    await closed
  })

  test('rejects for wrong options and targets', async () => {
    await using server = new WebSocketServer()
    await expect(connectTo(server, 'x')).rejects.toThrow('target must be a path')
    await expect(connectTo(server, '/', { header: {} } as object)).rejects.toThrow('unknown option "header"')
    expect(server.stats()).toMatchObject({ opened: 0, refused: 0 })
  })
})
