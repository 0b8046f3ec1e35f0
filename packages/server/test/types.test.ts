// What the compiler knows of a user's program. These tests fail when `tsc` does; here they only have to run.

import type { MessageStream } from '@ws/connection'
import type { CloseReport } from '@ws/protocol'
import { describe, expectTypeOf, test } from 'vitest'
import {
  type Handlers,
  type ServerOptions,
  type Socket,
  type Upgraded,
  type UpgradeRequest,
  WebSocketServer,
} from '../src/index.ts'

interface User {
  name: string
  admin: boolean
}

/** Who the user is, or nobody. */
async function findUser(request: UpgradeRequest): Promise<User | undefined> {
  return request.search === '' ? undefined : { name: request.search, admin: false }
}

describe('the data of a socket is what upgrade returns', () => {
  test('at once', () => {
    const server = new WebSocketServer({
      upgrade: () => ({ data: { count: 0 } }),
      open(socket) {
        expectTypeOf(socket).toEqualTypeOf<Socket<{ count: number }>>()
      },
      message(socket, data) {
        expectTypeOf(socket.data.count).toEqualTypeOf<number>()
        expectTypeOf(data).toEqualTypeOf<string | Uint8Array>()
        // @ts-expect-error there is no such data
        socket.data.name
      },
      drain(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<{ count: number }>()
      },
      close(socket, report) {
        expectTypeOf(socket.data).toEqualTypeOf<{ count: number }>()
        expectTypeOf(report).toEqualTypeOf<CloseReport>()
      },
    })
    expectTypeOf(server).toEqualTypeOf<WebSocketServer<{ count: number }>>()
  })

  test('in a promise, or else a Response', () => {
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
      onError(error, socket) {
        expectTypeOf(error).toEqualTypeOf<unknown>()
        expectTypeOf(socket).toEqualTypeOf<Socket | undefined>()
      },
    })
    expectTypeOf(server).toEqualTypeOf<WebSocketServer<{ user: User }>>()
  })

  test('at once or a Response, now or later', () => {
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

  test('one of several kinds', () => {
    new WebSocketServer({
      upgrade(request): Upgraded<User | undefined> {
        return { data: request.search === '' ? undefined : { name: 'a', admin: true } }
      },
      open(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<User | undefined>()
        // @ts-expect-error it may be undefined
        socket.data.name
      },
    })
  })

  test('in a session and in a stream too', () => {
    new WebSocketServer({
      upgrade: async () => ({ data: new Set<string>() }),
      async session(socket) {
        expectTypeOf(socket).toEqualTypeOf<Socket<Set<string>>>()
        for await (const message of socket) expectTypeOf(message).toEqualTypeOf<string | Uint8Array>()
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

  test('undefined without upgrade', () => {
    const server = new WebSocketServer({
      open(socket) {
        expectTypeOf(socket).toEqualTypeOf<Socket<undefined>>()
      },
    })
    expectTypeOf(server).toEqualTypeOf<WebSocketServer<undefined>>()
    expectTypeOf(new WebSocketServer()).toEqualTypeOf<WebSocketServer<undefined>>()
  })

  test('each route has its own', () => {
    const server = new WebSocketServer({
      upgrade: () => ({ data: 1 }),
      open(socket) {
        expectTypeOf(socket.data).toEqualTypeOf<number>()
      },
    })
      .route('/a', {
        upgrade: ({ params }) => ({ data: params }),
        message(socket) {
          expectTypeOf(socket.data).toEqualTypeOf<Readonly<Record<string, string | undefined>>>()
        },
        onError(_, socket) {
          expectTypeOf(socket?.data).toEqualTypeOf<Readonly<Record<string, string | undefined>> | undefined>()
        },
      })
      .route('/b', {
        upgrade: async () => ({ data: true as boolean }),
        message(socket) {
          expectTypeOf(socket.data).toEqualTypeOf<boolean>()
        },
      })
      .route('/c', {
        message(socket) {
          expectTypeOf(socket.data).toEqualTypeOf<undefined>()
        },
      })
    expectTypeOf(server).toEqualTypeOf<WebSocketServer<number>>()
    for (const socket of server.sockets) expectTypeOf(socket.data).toEqualTypeOf<unknown>()
  })
})

describe('the compiler refuses', () => {
  test('an upgrade that returns no data', () => {
    // @ts-expect-error data is missing
    new WebSocketServer({ upgrade: () => ({}) })
    // @ts-expect-error data is missing
    new WebSocketServer({ upgrade: () => ({ protocol: 'chat' }) })
    // @ts-expect-error data is missing
    new WebSocketServer({ upgrade: async () => ({ headers: {} }) })
    // @ts-expect-error there may be neither data nor a Response
    new WebSocketServer({ upgrade: request => (request.search === '' ? undefined : { data: 1 }) })
    // @ts-expect-error nothing is returned
    new WebSocketServer({ upgrade() {} })
    // @ts-expect-error a boolean accepts nobody
    new WebSocketServer({ upgrade: () => true })
  })

  test('data of another kind than was said', () => {
    // @ts-expect-error a number is no user
    new WebSocketServer<User>({ upgrade: () => ({ data: 1 }) })
    new WebSocketServer<User>({ upgrade: () => ({ data: { name: 'a', admin: false } }) })
  })

  test('to change what is only to be read', () => {
    new WebSocketServer({
      upgrade(request) {
        // @ts-expect-error only to be read
        request.params.id = '1'
        return { data: { count: 0 } }
      },
      message(socket) {
        socket.data.count++
        socket.data = { count: 1 }
        // @ts-expect-error data of another kind
        socket.data = 1
        // @ts-expect-error only to be read
        socket.protocol = 'chat'
      },
    })
  })
})

test('handlers can be written for themselves, and a socket given to functions that know less of it', () => {
  const greet = (socket: Socket<{ name: string }>): void => void socket.send(socket.data.name)
  const count = (socket: Socket): number => socket.id
  const handlers: Handlers<User> = {
    upgrade: () => ({ data: { name: 'a', admin: false } }),
    open: greet,
    message(socket) {
      greet(socket)
      count(socket)
    },
  }
  const options: ServerOptions<User> = { ...handlers, maxSockets: 10 }
  expectTypeOf(new WebSocketServer(options)).toEqualTypeOf<WebSocketServer<User>>()
})

test('nothing is any', () => {
  expectTypeOf<Socket['data']>().not.toBeAny()
  expectTypeOf<Parameters<NonNullable<Handlers['upgrade']>>[0]>().not.toBeAny()
  expectTypeOf<ReturnType<NonNullable<Handlers['upgrade']>>>().not.toBeAny()
  expectTypeOf<UpgradeRequest['params']>().not.toBeAny()
  expectTypeOf<ConstructorParameters<typeof WebSocketServer>[0]>().not.toBeAny()
})
