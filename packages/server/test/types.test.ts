// The types of a user's program. `tsc` checks them; at run time they only must not throw.

import type { EventEmitter } from 'node:events'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { createSecureServer, type Http2SecureServer, type Http2Server } from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Socket as ConnectionSocket, MessageStream } from '@ws/connection'
import { observe as observeConnections } from '@ws/connection/diagnostics'
import type { Bytes, CloseInfo, Message, Role } from '@ws/protocol'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { observe } from '../src/diagnostics.ts'
import {
  binary,
  type Handlers,
  type ParamsOf,
  type Route,
  type Sendable,
  type ServerOptions,
  type Socket,
  type SocketSet,
  type Stats,
  text,
  type Upgraded,
  type UpgradeEmitter,
  type UpgradeRequest,
  WebSocketServer,
} from '../src/index.ts'
import { json, type StandardSchemaV1 } from '../src/json.ts'

interface User {
  name: string
  admin: boolean
}

async function findUser(request: UpgradeRequest): Promise<User | undefined> {
  return request.search === '' ? undefined : { name: request.search, admin: false }
}

describe('the type of socket.data', () => {
  test('is inferred from the data that upgrade returns', () => {
    const server = new WebSocketServer({
      upgrade: () => ({ data: { count: 0 } }),
      open(socket) {
        expectTypeOf(socket).toEqualTypeOf<Socket<{ count: number }>>()
      },
      message(socket, data) {
        expectTypeOf(socket.data.count).toEqualTypeOf<number>()
        expectTypeOf(data).toEqualTypeOf<Message>()
        // @ts-expect-error unknown property
        socket.data.name
      },
      drain(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<{ count: number }>()
      },
      close(socket, report) {
        expectTypeOf(socket.data).toEqualTypeOf<{ count: number }>()
        expectTypeOf(report).toEqualTypeOf<CloseInfo>()
      },
    })
    expectTypeOf(server).toEqualTypeOf<WebSocketServer<{ count: number }>>()
  })

  test('is inferred from a promise of data or a Response', () => {
    const server = new WebSocketServer({
      async upgrade(request) {
        expectTypeOf(request).toEqualTypeOf<UpgradeRequest>()
        const user = await findUser(request)
        if (user === undefined) return new Response('Who are you?', { status: 401 })
        return { data: { user }, headers: { 'Set-Cookie': 'a=1' }, protocol: 'chat' }
      },
      message(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<{ user: User }>()
      },
      error(error, socket) {
        expectTypeOf(error).toEqualTypeOf<unknown>()
        expectTypeOf(socket).toEqualTypeOf<Socket | undefined>()
      },
    })
    expectTypeOf(server).toEqualTypeOf<WebSocketServer<{ user: User }>>()
  })

  test('is inferred from data, a Response or a promise', () => {
    new WebSocketServer({
      upgrade(request) {
        if (request.origin === undefined) return new Response(null, { status: 403 })
        if (request.path === '/later') return Promise.resolve({ data: 1 })
        return { data: 2 }
      },
      open(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<number>()
      },
    })
  })

  test('can be declared as a union', () => {
    new WebSocketServer({
      upgrade(request): Upgraded<User | undefined> {
        return { data: request.search === '' ? undefined : { name: 'a', admin: true } }
      },
      open(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<User | undefined>()
        // @ts-expect-error may be undefined
        socket.data.name
      },
    })
  })

  test('is inferred in sessions and streams', () => {
    new WebSocketServer({
      upgrade: async () => ({ data: new Set<string>() }),
      async session(socket) {
        expectTypeOf(socket).toEqualTypeOf<Socket<Set<string>>>()
        for await (const message of socket) expectTypeOf(message).toEqualTypeOf<Message>()
      },
      close(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<Set<string>>()
      },
    })
    new WebSocketServer({
      upgrade: () => ({ data: 'a' }),
      async stream(socket, message) {
        expectTypeOf(socket).toEqualTypeOf<Socket<string>>()
        expectTypeOf(message).toEqualTypeOf<MessageStream>()
      },
    })
  })

  test('is undefined without upgrade', () => {
    const server = new WebSocketServer({
      open(socket) {
        expectTypeOf(socket).toEqualTypeOf<Socket<undefined>>()
      },
    })
    expectTypeOf(server).toEqualTypeOf<WebSocketServer<undefined>>()
    expectTypeOf(new WebSocketServer()).toEqualTypeOf<WebSocketServer<undefined>>()
  })

  test('differs between routes', () => {
    const server = new WebSocketServer({
      upgrade: () => ({ data: 1 }),
      open(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<number>()
      },
    })
    server.route('/a', {
      upgrade: ({ params }) => ({ data: params }),
      message(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<ParamsOf<'/a'>>()
      },
      error(_, socket) {
        expectTypeOf(socket?.data).toEqualTypeOf<ParamsOf<'/a'> | undefined>()
      },
    })
    server.route('/b', {
      upgrade: async () => ({ data: true as boolean }),
      message(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<boolean>()
      },
    })
    server.route('/c', {
      message(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<undefined>()
      },
    })
    expectTypeOf(server).toEqualTypeOf<WebSocketServer<number>>()
    for (const socket of server.sockets) expectTypeOf(socket.data).toEqualTypeOf<number>()
  })
})

describe('the compiler', () => {
  test('rejects an upgrade that returns no data', () => {
    // @ts-expect-error data is missing
    new WebSocketServer<User>({ upgrade: () => ({}) })
    // @ts-expect-error data is missing
    new WebSocketServer<User>({ upgrade: () => ({ protocol: 'chat' }) })
    // @ts-expect-error data is missing
    new WebSocketServer<User>({ upgrade: async () => ({ headers: {} }) })
    // @ts-expect-error may be undefined
    new WebSocketServer({ upgrade: request => (request.search === '' ? undefined : { data: 1 }) })
    // @ts-expect-error data is missing
    new WebSocketServer({ upgrade() {} })
    // @ts-expect-error a boolean is not a decision
    new WebSocketServer({ upgrade: () => true })
  })

  test('accepts an upgrade without data', () => {
    const server = new WebSocketServer({
      upgrade: ({ headers }) => (headers.has('cookie') ? {} : new Response(null, { status: 401 })),
      open(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<undefined>()
      },
    })
    expectTypeOf(server).toEqualTypeOf<WebSocketServer<undefined>>()
    new WebSocketServer({ upgrade: async () => ({ protocol: 'chat' }) })
  })

  test('rejects data that is not of the declared type', () => {
    // @ts-expect-error a number is not a user
    new WebSocketServer<User>({ upgrade: () => ({ data: 1 }) })
    new WebSocketServer<User>({ upgrade: () => ({ data: { name: 'a', admin: false } }) })
  })

  test('rejects assignments to read-only properties', () => {
    new WebSocketServer({
      upgrade(request) {
        // @ts-expect-error read-only
        request.params.id = '1'
        return { data: { count: 0 } }
      },
      message(socket) {
        socket.data.count++
        // @ts-expect-error read-only
        socket.data = { count: 1 }
        // @ts-expect-error read-only
        socket.protocol = 'chat'
      },
    })
  })
})

test('handlers can be declared apart, and sockets passed to functions with wider types', () => {
  const greet = (socket: Socket<{ name: string }>): void => {
    socket.send(socket.data.name)
  }
  const count = (socket: Socket): number => socket.id
  const handlers: ServerOptions<User> = {
    upgrade: () => ({ data: { name: 'a', admin: false } }),
    open: greet,
    message(socket) {
      greet(socket)
      count(socket)
    },
  }
  const options = { ...handlers, upgrade: () => ({ data: { name: 'a', admin: true } }) }
  expectTypeOf(new WebSocketServer(options)).toEqualTypeOf<WebSocketServer<User>>()
})

test('public types do not contain any', () => {
  expectTypeOf<Socket['data']>().not.toBeAny()
  expectTypeOf<Parameters<NonNullable<Handlers['upgrade']>>[0]>().not.toBeAny()
  expectTypeOf<ReturnType<NonNullable<Handlers['upgrade']>>>().not.toBeAny()
  expectTypeOf<UpgradeRequest['params']>().not.toBeAny()
  expectTypeOf<ConstructorParameters<typeof WebSocketServer>[0]>().not.toBeAny()
})

describe('the type of params', () => {
  test('has the parameters of a literal path', () => {
    const server = new WebSocketServer()
    const room = server.route('/rooms/:room/seats/:seat', {
      upgrade({ params }) {
        expectTypeOf(params).toEqualTypeOf<{ readonly room: string; readonly seat: string }>()
        // @ts-expect-error unknown parameter
        params.id
        return { data: { room: params.room } }
      },
    })
    expectTypeOf(room).toEqualTypeOf<Route<{ room: string }>>()
    for (const socket of room.sockets) expectTypeOf(socket.data.room).toEqualTypeOf<string>()
    server.route('/files/*', {
      upgrade({ params }) {
        expectTypeOf(params).toEqualTypeOf<{ readonly '*': string }>()
        return {}
      },
    })
  })

  test('is a record of strings or undefined for other paths', () => {
    const server = new WebSocketServer()
    const upgrade = ({ params }: UpgradeRequest): Upgraded<string | undefined> => ({ data: params.id })
    server.route('/a' as string, { upgrade })
    server.route({ exec: () => null }, { upgrade })
  })
})

describe('a handler', () => {
  test('may return anything', () => {
    new WebSocketServer({
      upgrade: () => ({ data: { room: 'red' } }),
      open: socket => socket.subscribe(socket.data.room),
      message: (socket, data) => socket.send(data) || socket.ready,
      drain: async socket => socket.bufferedAmount,
      close: (_, info) => info.code,
      error: console.error,
    })
    new WebSocketServer({ session: async socket => socket.id })
    new WebSocketServer({ stream: (_, message) => message.cancel() })
  })

  test('F2: must accept every message', () => {
    // @ts-expect-error a message may be a Uint8Array
    new WebSocketServer({ message(_socket: Socket, _data: string) {} })
    // @ts-expect-error a message may be a string, and is not a Buffer
    new WebSocketServer({ message: (_socket: Socket, _data: Buffer) => 1 })
    // @ts-expect-error a message may be a Uint8Array
    new WebSocketServer().route('/a', { message(_socket: Socket, _data: string) {} })
    new WebSocketServer({ message(_socket: Socket, _data: unknown) {} })
  })

  test('F2: must accept the sockets of its route', () => {
    // @ts-expect-error a socket without data
    new WebSocketServer({ open(_socket: Socket<User>) {} })
    // @ts-expect-error sockets of other routes have other data
    new WebSocketServer<number>({ upgrade: () => ({ data: 1 }), error(_, _socket?: Socket<number>) {} })
    new WebSocketServer().route('/a', {
      upgrade: () => ({ data: 1 }),
      error(_, _socket?: Socket<number>) {},
    })
  })
})

describe('format', () => {
  const schemaOf = <Value>(): StandardSchemaV1<unknown, Value> => ({
    '~standard': { version: 1, vendor: 'test', validate: value => ({ value: value as Value }) },
  })

  test('decides what message receives, wherever it stands', () => {
    const server = new WebSocketServer({
      upgrade: ({ url }) => ({ data: { name: url.search } }),
      message(socket, message) {
        expectTypeOf(socket).toEqualTypeOf<Socket<{ name: string }>>()
        expectTypeOf(message).toEqualTypeOf<string>()
      },
      format: text,
    })
    expectTypeOf(server.sockets).toEqualTypeOf<SocketSet<{ name: string }>>()
    const route = server.route('/rooms/:id', {
      format: binary,
      upgrade: ({ params }) => ({ data: { room: params.id } }),
      message(socket, message) {
        expectTypeOf(socket).toEqualTypeOf<Socket<{ room: string }>>()
        expectTypeOf(message).toEqualTypeOf<Bytes>()
      },
    })
    expectTypeOf(route).toEqualTypeOf<Route<{ room: string }>>()
    server.route('/json', {
      message(socket, value) {
        expectTypeOf(socket).toEqualTypeOf<Socket<undefined>>()
        expectTypeOf(value).toEqualTypeOf<{ say: string }>()
      },
      format: json(schemaOf<{ say: string }>()),
    })
    server.route('/any', {
      format: json(),
      message(_, value) {
        expectTypeOf(value).toEqualTypeOf<unknown>()
      },
    })
  })

  test('rejects a handler of other values', () => {
    // @ts-expect-error a text is not a Uint8Array
    new WebSocketServer({ format: text, message: (_socket: Socket, _message: Bytes) => 1 })
    // @ts-expect-error a value is not a number
    new WebSocketServer({ format: json(schemaOf<string>()), message: (_: Socket, _value: number) => 1 })
    // @ts-expect-error without a schema, a value is unknown
    new WebSocketServer({ format: json(), message: (_: Socket, _value: string) => 1 })
  })

  test('is required where not every message is a value', () => {
    // @ts-expect-error format is missing
    new WebSocketServer<undefined, string>({ message(_, _message) {} })
    // @ts-expect-error format is missing
    new WebSocketServer().route<'/', undefined, string>('/', { message(_, _message) {} })
    new WebSocketServer<undefined, string>({ format: text, message(_, _message) {} })
    new WebSocketServer<undefined, unknown>({ message(_, _message) {} })
  })
})

describe('observe', () => {
  test('gives each event its type', () => {
    const undo = [
      observe('close', ({ socket, info, server, role }) => {
        expectTypeOf(socket).toEqualTypeOf<Socket>()
        expectTypeOf(info).toEqualTypeOf<CloseInfo>()
        expectTypeOf(role).toEqualTypeOf<'server'>()
        expectTypeOf(server.stats()).toEqualTypeOf<Stats>()
      }),
      observe('error', ({ error, socket }) => {
        expectTypeOf(error).toEqualTypeOf<unknown>()
        expectTypeOf(socket).toEqualTypeOf<Socket | undefined>()
      }),
      observe('handshake', ({ request, status, reason }) => {
        expectTypeOf(reason).toEqualTypeOf<string | undefined>()
        expectTypeOf(request).toEqualTypeOf<IncomingMessage>()
        expectTypeOf(status).toEqualTypeOf<number>()
      }),
      observeConnections('send', ({ socket, data, role }) => {
        expectTypeOf(socket).toEqualTypeOf<ConnectionSocket>()
        expectTypeOf(data).toEqualTypeOf<Sendable>()
        expectTypeOf(role).toEqualTypeOf<Role>()
      }),
    ]
    for (const end of undo) end()
  })
})

describe('a socket', () => {
  test('can be passed where data of a wider type is expected, and not the reverse', () => {
    expectTypeOf<Socket<User>>().toExtend<Socket<{ name: string }>>()
    expectTypeOf<Socket<User>>().toExtend<Socket>()
    expectTypeOf<Socket>().not.toExtend<Socket<User>>()
    expectTypeOf<Socket<User>>().toExtend<ConnectionSocket<User>>()
  })

  test('can be faked by an object of the same shape', () => {
    const sent: unknown[] = []
    const greet = (socket: Pick<Socket<User>, 'data' | 'send'>) => socket.send(`hello ${socket.data.name}`)
    const fake: Pick<Socket<User>, 'data' | 'send'> = {
      data: { name: 'ann', admin: false },
      send: data => sent.push(data) > 0,
    }
    expect([greet(fake), sent]).toEqual([true, ['hello ann']])
  })
})

describe('F3: upgrade', () => {
  test('is required where data cannot be undefined', () => {
    // @ts-expect-error upgrade is missing
    new WebSocketServer<User>({ message() {} })
    // @ts-expect-error upgrade is missing
    new WebSocketServer().route<'/a', User>('/a', { message() {} })
    new WebSocketServer<User | undefined>({ message() {} })
  })

  test('decides what handleUpgrade and adopt accept', () => {
    const check = (server: WebSocketServer<User>, route: Route<undefined>, ...event: UpgradeEvent) => {
      server.handleUpgrade(...event, { data: { name: 'a', admin: false } })
      // @ts-expect-error data is missing
      server.handleUpgrade(...event, {})
      // @ts-expect-error another type
      server.adopt(event[1], event[2], { data: 1 })
      route.handleUpgrade(...event, {})
      expectTypeOf(server.sockets).toEqualTypeOf<SocketSet<User>>()
    }
    expectTypeOf(check).toBeFunction()
  })
})

test('options of publish that exclude each other do not compile', () => {
  const server = new WebSocketServer()
  server.publish('a', 'x', { slow: 'latest', key: 'k', local: true })
  server.publish('a', 'x', { slow: 'drop-oldest', keep: 2 })
  const check = () => {
    // @ts-expect-error key needs slow: 'latest'
    server.publish('a', 'x', { key: 'k' })
    // @ts-expect-error keep needs slow: 'drop-oldest'
    server.publish('a', 'x', { slow: 'latest', keep: 1 })
  }
  expect(check).toThrow(TypeError)
})

test('F5: a handler can publish through its socket without a circular type', () => {
  const server = new WebSocketServer({
    message(socket, data) {
      socket.publish('all', data)
    },
  })
  expectTypeOf(server).toEqualTypeOf<WebSocketServer<undefined>>()
})

type UpgradeEvent = [request: IncomingMessage, transport: Duplex, head: Buffer]

test('attach takes every server of Node that emits upgrade, and a union of them', () => {
  expectTypeOf<HttpServer>().toExtend<UpgradeEmitter>()
  expectTypeOf<HttpsServer>().toExtend<UpgradeEmitter>()
  expectTypeOf<Http2SecureServer>().toExtend<UpgradeEmitter>()
  expectTypeOf<HttpServer | Http2Server | Http2SecureServer>().toExtend<UpgradeEmitter>()
  expectTypeOf<EventEmitter>().toExtend<UpgradeEmitter>()
  const server = new WebSocketServer()
  server.attach(createSecureServer({ allowHTTP1: true }))
  // @ts-expect-error it emits nothing
  expect(() => server.attach({})).toThrow(TypeError)
})
