// Two chats on one Redis, and clients of each.

import { RedisServer } from '@ws/testing'
import { ChatProcess } from '../chat-process.ts'
import { TestClient } from '../client.ts'

/** A Redis that is durable. */
const KEEPS_ALL = ['--appendonly', 'yes', '--appendfsync', 'always']

type Guest = Awaited<ReturnType<typeof TestClient.guest>>

export interface Nodes extends AsyncDisposable {
  readonly redis: RedisServer
  readonly a: ChatProcess
  readonly b: ChatProcess
  /** A guest on a node, in a room, which is created if it does not exist. */
  member(node: ChatProcess, nick: string, room?: string): Promise<Guest>
  /** A connection that has not said anything. */
  connect(node: ChatProcess): Promise<TestClient>
}

/** Starts a Redis with these options, and two chats with those. */
export async function startNodes(
  redisOptions: readonly string[] = KEEPS_ALL,
  options: readonly string[] = [],
): Promise<Nodes> {
  const stack = new AsyncDisposableStack()
  const redis = stack.use(await RedisServer.start(redisOptions))
  const start = async () => stack.use(await ChatProcess.start(['--redis', redis.url, ...options]))
  const [a, b] = [await start(), await start()]
  const connect = async (node: ChatProcess) => stack.use(await TestClient.connect(node.port))
  return {
    redis,
    a,
    b,
    connect,
    async member(node, nick, room = 'lobby') {
      const client = stack.use(await TestClient.guest(node.port, nick))
      await client.ask('join', { room, create: true })
      return client
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

let lastCid = 0

export function send(body: string, room = 'lobby', cid = `cid-${++lastCid}`) {
  return { room, cid, body }
}
