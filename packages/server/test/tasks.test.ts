// Twelve typical programs, each doing its task over real sockets.

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { WebSocket as NpmWebSocket } from 'ws'
import { z } from 'zod'
import { observe } from '../src/diagnostics.ts'
import { text, WebSocketServer } from '../src/index.ts'
import { json, sendJson } from '../src/json.ts'
import { connectTo } from '../src/testing.ts'

/** A client that keeps its messages; `close` is the code and the reason. */
class Client {
  readonly socket: NpmWebSocket
  readonly closed: Promise<readonly [code: number, reason: string]>
  readonly #messages: string[] = []
  #arrived = Promise.withResolvers<void>()

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new NpmWebSocket(url, { headers })
    this.socket.on('message', data => {
      this.#messages.push(String(data))
      this.#arrived.resolve()
    })
    this.closed = once(this.socket, 'close').then(([code, reason]) => [code as number, String(reason)])
    this.closed.catch(() => undefined)
  }

  static async open(url: string, headers?: Record<string, string>): Promise<Client> {
    const client = new Client(url, headers)
    await once(client.socket, 'open')
    return client
  }

  async next(): Promise<string> {
    while (this.#messages.length === 0) {
      this.#arrived = Promise.withResolvers()
      await this.#arrived.promise
    }
    return this.#messages.shift()!
  }

  async ask(question: string): Promise<string> {
    this.socket.send(question)
    return await this.next()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate()
    await this.closed
  }
}

async function statusOf(url: string): Promise<number> {
  const socket = new NpmWebSocket(url)
  socket.on('error', () => undefined)
  const [, response] = await once(socket, 'unexpected-response')
  socket.terminate()
  return (response as { statusCode: number }).statusCode
}

test('1: an echo server returns what it receives, as fast as the peer reads', async () => {
  await using server = new WebSocketServer({
    message: (socket, data) => socket.send(data) || socket.ready,
  })
  const { url } = await server.listen()
  await using client = await Client.open(url)
  expect(await client.ask('hello')).toBe('hello')
})

test('2: a cookie becomes a typed user, or the request is rejected', async () => {
  const users = new Map([['token-of-ann', { name: 'ann', admin: false }]])
  await using server = new WebSocketServer({
    async upgrade({ headers }) {
      const user = users.get(/token=([\w-]+)/.exec(headers.get('cookie') ?? '')?.[1] ?? '')
      return user ? { data: user } : new Response('log in first', { status: 401 })
    },
    open: socket => socket.send(`hello ${socket.data.name}`),
    message(socket, data) {
      if (!socket.data.admin) socket.close(1008, 'admins only')
      else socket.send(data)
    },
  })
  const { url } = await server.listen()
  await using client = await Client.open(url, { Cookie: 'token=token-of-ann' })
  expect(await client.next()).toBe('hello ann')
  client.socket.send('x')
  expect(await client.closed).toMatchObject([1008, expect.any(String)])
  expect(await statusOf(url)).toBe(401)
})

test('3: a room tells its members of each other, and limits how fast they talk', async () => {
  await using server = new WebSocketServer({
    format: text,
    messageRate: { perSecond: 0.001, burst: 2 },
    upgrade({ url }) {
      const room = url.searchParams.get('room')
      const name = url.searchParams.get('name')
      return room && name ? { data: { room, name } } : new Response('room and name, please', { status: 400 })
    },
    open(socket) {
      socket.subscribe(socket.data.room)
      socket.publish(socket.data.room, `${socket.data.name} joined`)
    },
    message: (socket, message) => socket.publish(socket.data.room, `${socket.data.name}: ${message}`),
    close: socket => socket.publish(socket.data.room, `${socket.data.name} left`),
  })
  const { url } = await server.listen()
  await using ann = await Client.open(`${url}/?room=red&name=ann`)
  await using bob = await Client.open(`${url}/?room=red&name=bob`)
  expect(await ann.next()).toBe('bob joined')
  for (const message of ['1', '2', '3']) bob.socket.send(message)
  expect([await ann.next(), await ann.next(), await ann.next()]).toEqual(['bob: 1', 'bob: 2', 'bob left'])
  expect((await bob.closed)[0]).toBe(1008)
  ann.socket.send(Buffer.from('bytes'))
  expect(await ann.closed).toEqual([1003, 'message is not text'])
  expect(await statusOf(url)).toBe(400)
})

test('4: requests in JSON are answered, with the data of the socket', async () => {
  const Request = z.discriminatedUnion('method', [
    z.object({ id: z.number(), method: z.literal('add'), a: z.number(), b: z.number() }),
    z.object({ id: z.number(), method: z.literal('whoami') }),
  ])
  await using server = new WebSocketServer({
    format: json(Request),
    upgrade: ({ url }) => ({ data: { name: url.searchParams.get('name') ?? 'nobody' } }),
    message(socket, request) {
      switch (request.method) {
        case 'add':
          return sendJson(socket, { id: request.id, result: request.a + request.b })
        case 'whoami':
          return sendJson(socket, { id: request.id, result: socket.data.name })
      }
    },
  })
  server.route('/session', {
    async session(socket) {
      for await (const request of json(Request).read(socket)) sendJson(socket, request.id)
    },
  })
  const { url } = await server.listen()
  await using client = await Client.open(`${url}/?name=ann`)
  expect(await client.ask('{"id":1,"method":"add","a":2,"b":3}')).toBe('{"id":1,"result":5}')
  expect(await client.ask('{"id":2,"method":"whoami"}')).toBe('{"id":2,"result":"ann"}')
  expect(JSON.parse(await client.ask('{"id":3,"method":"add","a":"2"}'))).toMatchObject({
    error: 'invalid message',
    issues: [{ path: ['a'] }, { path: ['b'] }],
  })
  await using other = await Client.open(`${url}/session`)
  expect(await other.ask('{"id":4,"method":"whoami"}')).toBe('4')
  other.socket.send('[')
  expect(await other.closed).toEqual([1007, 'message is not JSON'])
})

test('5: a feed sends the last prices to a newcomer, and then the latest of each', async () => {
  const last = new Map<string, string>()
  await using server = new WebSocketServer({
    open(socket) {
      for (const text of last.values()) socket.send(text)
      socket.subscribe('prices')
    },
  })
  const { url } = await server.listen()
  const set = (symbol: string, price: number): number => {
    const text = `${symbol} ${price}`
    last.set(symbol, text)
    return server.publish('prices', text, { slow: 'latest', key: symbol })
  }
  expect([set('a', 1), set('b', 2)]).toEqual([0, 0])
  await using client = await Client.open(url)
  expect([await client.next(), await client.next()]).toEqual(['a 1', 'b 2'])
  expect(set('a', 3)).toBe(1)
  expect(await client.next()).toBe('a 3')
})

test('6: an upload is stored piece by piece, under a name from its path', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'uploads-'))
  try {
    await using server = new WebSocketServer()
    server.route('/upload/:name', {
      maxStreamSize: 2 ** 20,
      upgrade: ({ params }) =>
        /^\w+$/.test(params.name)
          ? { data: { name: params.name } }
          : new Response('bad name', { status: 400 }),
      async stream(socket, message) {
        if (message.type !== 'binary') return socket.close(1003, 'bytes only')
        await pipeline(message, createWriteStream(join(folder, socket.data.name)))
        socket.send('stored')
      },
    })
    server.route('/size', {
      async stream(socket, message) {
        if (message.type === 'text') return
        let size = 0
        for await (const piece of message) size += piece.byteLength
        socket.send(String(size))
      },
    })
    const { url } = await server.listen()
    await using client = await Client.open(`${url}/upload/notes`)
    client.socket.send(Buffer.from('x'.repeat(200_000)))
    expect(await client.next()).toBe('stored')
    expect(await readFile(join(folder, 'notes'), 'utf8')).toBe('x'.repeat(200_000))
    client.socket.send('a text')
    expect(await client.closed).toEqual([1003, 'bytes only'])
    await using other = await Client.open(`${url}/size`)
    other.socket.send(Buffer.alloc(100_000))
    expect(await other.next()).toBe('100000')
    expect(await statusOf(`${url}/upload/..%2Fnotes`)).toBe(400)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('7: a shutdown behind a balancer fails the probe first, and closes with 1012', async () => {
  await using server = new WebSocketServer({
    message: (socket, data) => socket.send(data) || socket.ready,
    http(request, response) {
      const status = request.url !== '/readyz' ? 404 : server.state === 'open' ? 200 : 503
      response.writeHead(status).end()
    },
  })
  const { url, port } = await server.listen()
  const probe = async () =>
    (await fetch(`http://localhost:${port}/readyz`, { headers: { Connection: 'close' } })).status
  await using client = await Client.open(url)
  expect(await probe()).toBe(200)
  const closed = server.close({ delay: 500, code: 1012, reason: 'restart' })
  expect(await probe()).toBe(503)
  expect(await client.closed).toEqual([1012, 'restart'])
  expect(await closed).toMatchObject({ closed: 1, terminated: 0 })
})

test('8: two routes have data, handlers, formats and sockets of their own', async () => {
  await using server = new WebSocketServer()
  const chat = server.route('/chat', {
    upgrade: ({ url }) => ({ data: { name: url.searchParams.get('name') ?? 'anon' } }),
    open: socket => socket.subscribe('chat'),
    format: text,
    message: (socket, message) => server.publish('chat', `${socket.data.name}: ${message}`),
  })
  server.route('/rooms/:id', {
    upgrade: ({ params }) => ({ data: { room: Number(params.id) } }),
    open: socket => socket.subscribe(`room ${socket.data.room}`),
    message: (socket, data) => server.publish(`room ${socket.data.room}`, data),
  })
  const { url } = await server.listen()
  await using ann = await Client.open(`${url}/chat?name=ann`)
  await using one = await Client.open(`${url}/rooms/7`)
  await using two = await Client.open(`${url}/rooms/7`)
  expect(await ann.ask('x')).toBe('ann: x')
  expect([await one.ask('y'), await two.next()]).toEqual(['y', 'y'])
  expect(Array.from(chat.sockets, ({ data }) => data.name)).toEqual(['ann'])
})

test('9: a socket enters from an HTTP server with middleware of its own', async () => {
  await using server = new WebSocketServer()
  const echo = server.route('/echo', {
    upgrade: () => ({ data: { user: 'nobody' } }),
    message: socket => socket.send(socket.data.user),
  })
  const http = createServer().on('upgrade', (request, transport, head) => {
    echo.handleUpgrade(request, transport, head, { data: { user: 'from my own middleware' } })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as { port: number }
  await using client = await Client.open(`ws://127.0.0.1:${port}/echo`)
  expect(await client.ask('who?')).toBe('from my own middleware')
  http.close()
})

test('10: a topic finds, reaches and closes the sockets of a user', async () => {
  await using server = new WebSocketServer({
    upgrade: ({ url }) => ({ data: { id: url.searchParams.get('id') ?? '' } }),
    open: socket => socket.subscribe(`user:${socket.data.id}`),
  })
  const { url } = await server.listen()
  await using phone = await Client.open(`${url}/?id=1`)
  await using desk = await Client.open(`${url}/?id=1`)
  expect(server.subscribers('user:1').size).toBe(2)
  expect(server.publish('user:1', 'you have mail')).toBe(2)
  expect([await phone.next(), await desk.next()]).toEqual(Array(2).fill('you have mail'))
  expect(server.closeSubscribers('user:1', 4001, 'logged out')).toBe(2)
  expect(await Promise.all([phone.closed, desk.closed])).toEqual(Array(2).fill([4001, 'logged out']))
  expect(server.publish('user:1', 'too late')).toBe(0)
})

test('11: a handler is tested without a port', async () => {
  await using server = new WebSocketServer({
    upgrade: ({ url }) => ({ data: { name: url.searchParams.get('name') ?? '' } }),
    format: text,
    message: (socket, message) => socket.send(`${socket.data.name}: ${message}`),
  })
  await using client = await connectTo(server, '/?name=ann')
  client.send('hi')
  for await (const answer of client) {
    expect(answer).toBe('ann: hi')
    break
  }
})

test('12: counters and close codes of all servers are served as metrics', async () => {
  await using server = new WebSocketServer({
    message: (socket, data) => socket.send(data),
    http(request, response) {
      if (request.url !== '/metrics') response.writeHead(404).end()
      else {
        const closes = [...codes].map(([code, count]) => `ws_closes{code="${code}"} ${count}\n`)
        const counters = Object.entries(server.stats()).map(([name, value]) => `ws_${name} ${value}\n`)
        response.end([...counters, ...closes].join(''))
      }
    },
  })
  const codes = new Map<number, number>()
  const end = observe('close', ({ info }) => codes.set(info.code, (codes.get(info.code) ?? 0) + 1))
  const { url, port } = await server.listen()
  for (const code of [1000, 4001, 4001]) {
    const client = await Client.open(url)
    await client.ask('hello')
    client.socket.close(code)
    await client.closed
  }
  const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
  end()
  expect(metrics).toContain('ws_messagesReceived 3\n')
  expect(metrics).toContain('ws_closes{code="1000"} 1\nws_closes{code="4001"} 2\n')
})
