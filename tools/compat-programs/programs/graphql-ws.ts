// graphql-ws: queries, subscriptions, keep-alive in both directions, and its close codes.

import { createServer } from 'node:http'
import { GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import { type Client, createClient } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocket, WebSocketServer } from 'ws'
import { close, closeOf, Inbox, listen } from '../lib.ts'

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: { hello: { type: GraphQLString, resolve: () => 'world' } },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      count: {
        type: GraphQLInt,
        args: { to: { type: new GraphQLNonNull(GraphQLInt) } },
        async *subscribe(_source, { to }: { to: number }) {
          for (let count = 1; count <= to; count++) yield { count }
        },
      },
      endless: {
        type: GraphQLInt,
        async *subscribe() {
          for (let endless = 0; ; endless++) {
            yield { endless }
            await new Promise(resolve => setImmediate(resolve))
          }
        },
      },
    },
  }),
})

export async function run(): Promise<unknown> {
  const http = createServer()
  const server = new WebSocketServer({ server: http, path: '/graphql' })
  const pongs = new Inbox<number>()
  server.on('connection', socket => socket.on('pong', data => pongs.push(data.length)))
  const disposable = useServer(
    {
      schema,
      onConnect: ({ connectionParams }) => connectionParams?.token !== 'wrong',
    },
    server,
    20,
  )
  const url = `ws://127.0.0.1:${await listen(http)}/graphql`
  const client = createClient({ url, webSocketImpl: WebSocket, lazy: false, keepAlive: 20 })
  const found = {
    query: await collect(client, '{ hello }'),
    counts: await collect(client, 'subscription { count(to: 200) }'),
    parallel: await Promise.all([3, 2, 1].map(to => collect(client, `subscription { count(to: ${to}) }`))),
    stopped: await takeFrom(client, 'subscription { endless }', 5),
    invalid: await collect(client, '{ missing }').catch(error => JSON.parse(JSON.stringify(error))),
    serverKeepAlive: await pongs.take(3),
    clientKeepAlive: await protocolPongs(client),
    refused: await refuse(url),
    codes: [
      await closeCode(url, 'graphql-transport-ws', '{"type":"unknown"}'),
      await closeCode(
        url,
        'graphql-transport-ws',
        '{"type":"subscribe","id":"1","payload":{"query":"{hello}"}}',
      ),
      await closeCode(url, 'other', '{}'),
    ],
  }
  await client.dispose()
  await disposable.dispose()
  await close(http)
  return found
}

async function collect(client: Client, query: string): Promise<unknown[]> {
  const results: unknown[] = []
  for await (const result of client.iterate({ query })) results.push(JSON.parse(JSON.stringify(result)))
  return results
}

async function takeFrom(client: Client, query: string, count: number): Promise<unknown[]> {
  const results: unknown[] = []
  for await (const { data } of client.iterate({ query })) {
    results.push({ ...data })
    if (results.length === count) break
  }
  return results
}

/** Whether pings of the GraphQL protocol are answered. */
async function protocolPongs(client: Client): Promise<boolean[]> {
  const received = new Inbox<boolean>()
  const stop = client.on('pong', fromServer => received.push(fromServer))
  const pongs = await received.take(2)
  stop()
  return pongs
}

async function refuse(url: string): Promise<unknown> {
  const closed = new Inbox<{ code: number; reason: string }>()
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { token: 'wrong' },
    retryAttempts: 0,
    on: { closed: event => closed.push(event as { code: number; reason: string }) },
  })
  const failed = await collect(client, '{ hello }').catch(() => 'failed')
  const { code, reason } = await closed.next()
  await client.dispose()
  return { failed, code, reason }
}

function closeCode(url: string, protocol: string, message: string): Promise<unknown> {
  const socket = new WebSocket(url, protocol)
  socket.on('open', () => socket.send(message))
  return closeOf(socket)
}
