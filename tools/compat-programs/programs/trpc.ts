// tRPC over WebSocket: queries, mutations, subscriptions, connection parameters, keep-alive, reconnecting.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createTRPCClient, createWSClient, TRPCClientError, wsLink } from '@trpc/client'
import { initTRPC, TRPCError } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocket, WebSocketServer } from 'ws'
import { Inbox } from '../lib.ts'

const t = initTRPC.context<{ token: string | undefined }>().create({ isDev: false })
const count = (input: unknown): number => {
  if (typeof input !== 'number') throw new TypeError('expected a number')
  return input
}
const notes: string[] = []
const router = t.router({
  whoAmI: t.procedure.query(({ ctx }) => ctx.token),
  add: t.procedure.input(String).mutation(({ input }) => notes.push(input)),
  fail: t.procedure.query(() => {
    throw new TRPCError({ code: 'FORBIDDEN', message: 'not allowed' })
  }),
  count: t.procedure.input(count).subscription(async function* ({ input, signal }) {
    for (let i = 1; i <= input && !signal?.aborted; i++) yield i
  }),
  endless: t.procedure.subscription(async function* ({ signal }) {
    for (let i = 0; !signal?.aborted; i++) {
      yield i
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  }),
})

export async function run(): Promise<unknown> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const keptAlive = new Inbox<string>()
  server.on('connection', socket =>
    socket.on('message', data => {
      if (String(data) === 'PONG') keptAlive.push('PONG')
    }),
  )
  const handler = applyWSSHandler({
    wss: server,
    router,
    createContext: ({ info }) => ({ token: info.connectionParams?.token }),
    keepAlive: { enabled: true, pingMs: 20, pongWaitMs: 10_000 },
  })
  const { port } = server.address() as AddressInfo
  const openings = new Inbox<string>()
  const ws = createWSClient({
    url: `ws://127.0.0.1:${port}`,
    // As the documentation of tRPC has it.
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    connectionParams: { token: 'secret' },
    retryDelayMs: () => 5,
    onOpen: () => openings.push('open'),
  })
  const client = createTRPCClient<typeof router>({ links: [wsLink({ client: ws })] })
  const found = {
    query: await client.whoAmI.query(),
    mutations: [await client.add.mutate('one'), await client.add.mutate('two ✓')],
    many: (await Promise.all(Array.from({ length: 100 }, () => client.whoAmI.query()))).length,
    error: await client.fail.query().catch((error: unknown) => {
      if (!(error instanceof TRPCClientError)) throw error
      return [error.message, error.data]
    }),
    counted: await subscribe(client, 50),
    keepAlive: await keptAlive.take(3),
    first: await openings.next(),
  }
  const resumed = await resume(client, () => handler.broadcastReconnectNotification())
  const second = await openings.next()
  await ws.close()
  const closed = once(server, 'close')
  server.close()
  await closed
  return { ...found, resumed, second }
}

type Client = ReturnType<typeof createTRPCClient<typeof router>>

function subscribe(client: Client, count: number): Promise<unknown> {
  const values: unknown[] = []
  return new Promise((resolve, reject) => {
    client.count.subscribe(count, {
      onData: value => values.push(value),
      onError: reject,
      onComplete: () => resolve(values),
    })
  })
}

/** A subscription starts again after the server has asked its clients to reconnect. */
function resume(client: Client, notify: () => void): Promise<unknown> {
  const values: number[] = []
  return new Promise((resolve, reject) => {
    const subscription = client.endless.subscribe(undefined, {
      onData: value => {
        values.push(value)
        if (value === 3) notify()
        if (value !== 0 || values.length === 1) return
        subscription.unsubscribe()
        resolve('again from the first value')
      },
      onError: reject,
    })
  })
}
