// Routes: handlers and options by path (docs/hostile-inputs.md, rows H18 and H26).

import { type Lines, RawPeer, upgradeRequest } from '@ws/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type PathPattern,
  type ServerOptions,
  type Upgraded,
  type UpgradeRequest,
  WebSocketServer,
} from '../src/index.ts'
import { FramePeer, text } from './frame-peer.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

async function statusOf(port: number, path: string, lines?: Lines, requestLine?: string): Promise<number> {
  await using peer = await RawPeer.connect(port)
  await peer.write(upgradeRequest(path, lines, requestLine))
  const head = await peer.head()
  return Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 101'.length))
}

function greeting(name: string): { open(socket: { send(data: string): boolean }): void } {
  return { open: socket => socket.send(name) }
}

async function greetingAt(port: number, path: string): Promise<string> {
  await using peer = await FramePeer.open(port, { path })
  const [greeted] = await peer.frames(1)
  return greeted!.slice('text '.length)
}

/** A pattern like `URLPattern`, which Node has from 24 on, for one segment after a prefix. */
function oneAfter(prefix: string): PathPattern {
  return {
    exec({ pathname }) {
      const id = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : ''
      return id === '' || id.includes('/') ? null : { pathname: { groups: { id } } }
    },
  }
}

describe('a route', () => {
  test('handles its path with its own data type, and the server all other paths', async () => {
    await using server = new WebSocketServer({
      upgrade: () => ({ data: 'rest' }),
      open: socket => socket.send(socket.data.toUpperCase()),
    })
    server.route('/a', {
      upgrade: () => ({ data: 1 }),
      open: socket => socket.send((socket.data + 1).toFixed(1)),
    })
    server.route('/b', { open: socket => socket.send(String(socket.data)) })
    const { port } = await server.listen(0)
    expect(await greetingAt(port, '/a')).toBe('2.0')
    expect(await greetingAt(port, '/b?x=/a')).toBe('undefined')
    expect(await greetingAt(port, '/c')).toBe('REST')
  })

  test('H26: matches its path literally, in either form of the request target', async () => {
    await using server = new WebSocketServer()
    server.route('/ws', greeting('ws'))
    const { port } = await server.listen(0)
    expect(await statusOf(port, '/ws')).toBe(101)
    expect(await statusOf(port, '/ws?a=/b')).toBe(101)
    expect(await statusOf(port, '', {}, 'GET http://localhost/ws HTTP/1.1')).toBe(101)
    for (const path of ['/', '/ws/', '//ws', '/%77s', '/a/../ws', '/%2e%2e/ws', '/WS', '/?/ws']) {
      expect([path, await statusOf(port, path)]).toEqual([path, 404])
    }
    expect(await statusOf(port, '/ws#f')).toBe(400)
  })

  test('passes the groups of its pattern to upgrade as params', async () => {
    const requests: UpgradeRequest[] = []
    const upgrade = (request: UpgradeRequest): Upgraded => {
      requests.push(request)
      return {}
    }
    await using server = new WebSocketServer()
    server.route(oneAfter('/rooms/'), { upgrade })
    server.route('/rooms', { upgrade })
    const { port } = await server.listen(0)
    await using _room = await FramePeer.open(port, { path: '/rooms/r%C3%A9d?x=1' })
    await using _rooms = await FramePeer.open(port, { path: '/rooms' })
    expect(requests.map(({ params }) => params)).toEqual([{ id: 'r%C3%A9d' }, {}])
    expect(requests.map(({ path, search }) => path + search)).toEqual(['/rooms/r%C3%A9d?x=1', '/rooms'])
    expect(await statusOf(port, '/rooms/a/b')).toBe(404)
  })

  test('passes decoded parameters of its path to upgrade', async () => {
    await using server = new WebSocketServer()
    server.route('/rooms/:room/seats/:seat', {
      upgrade: ({ params }) => ({ data: `${params.room} ${params.seat}` }),
      open: socket => socket.send(socket.data),
    })
    server.route('/files/*', {
      upgrade: ({ params }) => ({ data: params['*'] }),
      open: socket => socket.send(`file ${socket.data}`),
    })
    const { port } = await server.listen(0)
    expect(await greetingAt(port, '/rooms/r%C3%A9d%2Fblue/seats/7?x=1')).toBe('réd/blue 7')
    expect(await greetingAt(port, '/files/a/b%20c')).toBe('file a/b c')
    for (const path of ['/rooms//seats/7', '/rooms/%FF/seats/7', '/rooms/a/seats/7/', '/files']) {
      expect([path, await statusOf(port, path)]).toEqual([path, 404])
    }
    expect(() => server.route('/files/*', {})).toThrow('there is a route for /files/* already')
    expect(() => server.route('/:a-b', {})).toThrow('a parameter must be named by an identifier')
  })

  test.skipIf(!('URLPattern' in globalThis))('matches a URLPattern against the normalized path', async () => {
    const params: unknown[] = []
    await using server = new WebSocketServer()
    server.route(
      new (globalThis as unknown as { URLPattern: new (init: object) => PathPattern }).URLPattern({
        pathname: '/rooms/:room/:seat(\\d+)?',
      }),
      {
        upgrade(request) {
          params.push(request.params)
          return {}
        },
      },
    )
    const { port } = await server.listen(0)
    for (const path of ['/rooms/red/7', '/rooms/red', '/x/../rooms/blue']) {
      await using _peer = await FramePeer.open(port, { path })
    }
    expect(params).toEqual([
      { room: 'red', seat: '7' },
      { room: 'red', seat: undefined },
      { room: 'blue', seat: undefined },
    ])
    for (const path of ['/rooms/', '/rooms/red/x', '/rooms/..', '//rooms/red', '/\\', '/%']) {
      expect([path, await statusOf(port, path)]).toEqual([path, 404])
    }
  })

  test('is tried first if its path is a string, and in the order of adding if it is a pattern', async () => {
    await using server = new WebSocketServer(greeting('rest'))
    server.route(oneAfter('/rooms/r'), greeting('first'))
    server.route(oneAfter('/rooms/'), greeting('second'))
    server.route('/rooms/red', greeting('exact'))
    const { port } = await server.listen(0)
    expect(await greetingAt(port, '/rooms/red')).toBe('exact')
    expect(await greetingAt(port, '/rooms/rose')).toBe('first')
    expect(await greetingAt(port, '/rooms/blue')).toBe('second')
    expect(await greetingAt(port, '/rooms')).toBe('rest')
  })

  test('can be added while the server listens', async () => {
    await using server = new WebSocketServer()
    const { port } = await server.listen(0)
    expect(await statusOf(port, '/late')).toBe(101)
    server.route('/late', greeting('late'))
    expect(await greetingAt(port, '/late')).toBe('late')
    expect(await statusOf(port, '/other')).toBe(404)
  })
})

describe('the sockets of a route', () => {
  test('are those of its path, and the server has the others, while stats counts all', async () => {
    await using server = new WebSocketServer(greeting('rest'))
    const chat = server.route('/chat', {
      upgrade: ({ search }) => ({ data: { name: search } }),
      open: socket => socket.send('chat'),
    })
    const other = server.route('/other', greeting('other'))
    const { port } = await server.listen(0)
    const sizes = () => [server.sockets.size, chat.sockets.size, other.sockets.size, server.stats().sockets]
    expect(sizes()).toEqual([0, 0, 0, 0])
    const peers: FramePeer[] = []
    for (const path of ['/chat?ann', '/', '/chat?bob']) {
      const peer = await FramePeer.open(port, { path })
      await peer.frames(1)
      peers.push(peer)
    }
    expect(sizes()).toEqual([1, 2, 0, 3])
    expect(Array.from(chat.sockets, ({ data }) => data.name)).toEqual(['?ann', '?bob'])
    expect(Array.from(server.sockets, ({ path }) => path)).toEqual(['/'])
    for (const socket of chat.sockets) socket.terminate()
    await Promise.all([peers[0]!.ended(), peers[2]!.ended()])
    expect(sizes()).toEqual([1, 0, 0, 1])
    expect([...chat.sockets]).toEqual([])
    for (const peer of peers) await peer[Symbol.asyncDispose]()
  })
})

describe('a path without a route', () => {
  test.each<[string, ServerOptions, number]>([
    ['no handlers', {}, 404],
    ['limits only', { maxMessageSize: 5, error() {} }, 404],
    ['a handler', { message() {} }, 101],
    ['an upgrade handler', { upgrade: () => ({ data: undefined }) }, 101],
  ])('is left to the server only if it has handlers: %s', async (_name, options, status) => {
    await using server = new WebSocketServer(options)
    server.route('/a', {})
    const { port } = await server.listen(0)
    expect(await statusOf(port, '/')).toBe(status)
    expect(await statusOf(port, '/a')).toBe(101)
  })

  test('is answered with 404 after the handshake has been validated, but before its origin', async () => {
    await using server = new WebSocketServer()
    server.route('/a', {})
    const { port } = await server.listen(0)
    expect(await statusOf(port, '/b', { 'Sec-WebSocket-Version': '8' })).toBe(426)
    expect(await statusOf(port, '/b', { 'Sec-WebSocket-Key': 'short' })).toBe(400)
    // Without a route there is no origin policy to apply.
    expect(await statusOf(port, '/b', { Origin: 'https://evil.example' })).toBe(404)
  })
})

describe('a route without an option of its own', () => {
  test('H18: inherits origin', async () => {
    await using server = new WebSocketServer({ origin: ['https://good.example'] })
    server.route('/same', {})
    server.route('/any', { origin: 'any' })
    server.route('/own', { origin: ['https://own.example'] })
    const { port } = await server.listen(0)
    const statuses = async (path: string): Promise<number[]> => {
      const origins = ['https://good.example', 'https://own.example', 'https://evil.example']
      return await Promise.all(origins.map(Origin => statusOf(port, path, { Origin })))
    }
    expect(await statuses('/same')).toEqual([101, 403, 403])
    expect(await statuses('/own')).toEqual([403, 101, 403])
    expect(await statuses('/any')).toEqual([101, 101, 101])
  })

  test('inherits protocols', async () => {
    await using server = new WebSocketServer({ protocols: ['base'] })
    server.route('/same', {})
    server.route('/own', { protocols: ['own'] })
    server.route('/none', { protocols: [] })
    const { port } = await server.listen(0)
    const lines = { 'Sec-WebSocket-Protocol': 'own, base' }
    const protocolAt = async (path: string): Promise<string | undefined> => {
      await using peer = await FramePeer.open(port, { path, lines })
      return /Sec-WebSocket-Protocol: (\w+)/.exec(peer.head)?.[1]
    }
    expect(await protocolAt('/same')).toBe('base')
    expect(await protocolAt('/own')).toBe('own')
    expect(await protocolAt('/none')).toBe(undefined)
  })

  test('inherits limits', async () => {
    await using server = new WebSocketServer({ maxMessageSize: 5, maxFragments: 7 })
    server.route('/same', {})
    server.route('/own', { maxMessageSize: 10 })
    const { port } = await server.listen(0)
    const closeAfter = async (path: string, length: number): Promise<string> => {
      await using peer = await FramePeer.open(port, { path, first: text('x'.repeat(length)) })
      const [closed] = await peer.frames(1)
      return closed!
    }
    expect(await closeAfter('/same', 6)).toContain('close 1009')
    expect(await closeAfter('/own', 11)).toContain('close 1009')
    await using peer = await FramePeer.open(port, { path: '/own', first: text('x'.repeat(10)) })
    await peer.send(new Uint8Array([0x89, 0x80, 0, 0, 0, 0]))
    expect(await peer.frames(1)).toEqual(['pong '])
  })

  test('H21: inherits handshakeTimeout', async () => {
    const upgrade = (): Promise<never> => new Promise(() => {})
    await using server = new WebSocketServer({ handshakeTimeout: 20 })
    server.route('/same', { upgrade })
    server.route('/own', { upgrade, handshakeTimeout: 10_000 })
    const { port } = await server.listen(0)
    await using own = await RawPeer.connect(port)
    await own.write(upgradeRequest('/own'))
    expect(await statusOf(port, '/same')).toBe(503)
    expect(own.received.length).toBe(0)
  })

  test('inherits the error handler, and no other', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const failing = {
      upgrade(): never {
        throw new Error('test error')
      },
    }
    const calls: string[] = []
    const record = (name: string) => (): void => void calls.push(name)
    await using server = new WebSocketServer({
      upgrade: () => new Response(null, { status: 418 }),
      error: record('server'),
    })
    server.route('/same', failing)
    server.route('/own', { ...failing, error: record('route') })
    server.route('/plain', {})
    const { port } = await server.listen(0)
    expect(await statusOf(port, '/same')).toBe(500)
    expect(await statusOf(port, '/own')).toBe(500)
    expect(await statusOf(port, '/plain')).toBe(101)
    expect(await statusOf(port, '/rest')).toBe(418)
    expect(calls).toEqual(['server', 'route'])
    expect(log).not.toHaveBeenCalled()
    await using another = new WebSocketServer()
    another.route('/same', failing)
    expect(await statusOf((await another.listen(0)).port, '/same')).toBe(500)
    expect(log).toHaveBeenCalledTimes(1)
  })
})

test('a pattern that throws is answered with 500 and reported to the error handler', async () => {
  const failure = new Error('test error')
  const errors: unknown[] = []
  const pattern: PathPattern = {
    exec({ pathname }) {
      if (pathname === '/bad') throw failure
      return null
    },
  }
  await using server = new WebSocketServer({ error: error => void errors.push(error) })
  server.route(pattern, {})
  server.route('/good', {})
  const { port } = await server.listen(0)
  expect(await statusOf(port, '/bad')).toBe(500)
  expect(await statusOf(port, '/good')).toBe(101)
  expect(errors).toEqual([failure])
  expect(server.stats()).toMatchObject({ errors: 1, refused: 1 })
})

describe('WebSocketServer.route', () => {
  const server = new WebSocketServer()
  server.route('/taken', {})

  test.each([['a'], [''], ['/a?b'], ['/a#b'], ['/a b'], ['/ü'], ['http://localhost/a'], ['*']])(
    'throws for %j, which cannot be requested',
    path => {
      expect(() => server.route(path, {})).toThrow(TypeError)
      expect(() => server.route(path, {})).toThrow(JSON.stringify(path))
    },
  )

  test.each([[undefined], [null], [1], [{}], [/a/u.source.length]])(
    'throws for %j, which is not a path',
    path => {
      expect(() => server.route(path as unknown as string, {})).toThrow(
        'a route is for a path such as /rooms/:id, or for a URLPattern',
      )
    },
  )

  test('throws for a path that has a route', () => {
    expect(() => server.route('/taken', {})).toThrow('there is a route for /taken already')
  })

  test('throws for wrong options and options of a server, and adds no route', () => {
    const wrong: [object, string][] = [
      [{ mesage() {} }, 'unknown option "mesage" (did you mean "message"?)'],
      [{ maxSockets: 1 }, 'unknown option "maxSockets"'],
      [{ trustProxy: [] }, 'unknown option "trustProxy"'],
      [{ open: 1 }, 'open must be a function'],
      [{ upgrade: { data: 1 } }, 'upgrade must be a function'],
      [{ session() {}, message() {} }, 'session takes the place of'],
      [{ stream() {}, message() {} }, 'stream takes the place of'],
      [{ handshakeTimeout: -1 }, 'handshakeTimeout must be from 0'],
      [{ maxMessageSize: 2 ** 32 }, 'maxMessageSize'],
      [{ origin: 'none' }, 'origin'],
      [{ origin: null }, 'origin'],
      [{ protocols: ['a', 'a'] }, 'protocols must be distinct tokens'],
    ]
    for (const [options, message] of wrong) expect(() => server.route('/new', options)).toThrow(message)
    expect(() => server.route('/new', undefined as unknown as object)).toThrow(
      'the options must be an object',
    )
    server.route('/new', {})
  })
})
