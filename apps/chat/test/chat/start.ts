// A chat for a test: on the engine in memory, and a port that is free.

import type { ClientOptions } from 'ws'
import type { Engine } from '../../src/engine/engine.ts'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { type ChatOptions, ChatServer } from '../../src/server/chat-server.ts'
import { TestClient } from '../client.ts'

/** Enough for all that a test writes. */
const FAST = { perSecond: 1000, burst: 1000 }

export interface Started extends AsyncDisposable {
  readonly chat: ChatServer
  readonly port: number
  readonly engine: Engine
  /** A guest with this name, who is disconnected at the end. */
  guest(nick: string): Promise<Awaited<ReturnType<typeof TestClient.guest>>>
  /** A connection that has not said anything. */
  connect(): Promise<TestClient>
  /** A guest in a room, which is created if it does not exist. */
  member(nick: string, room?: string): Promise<Awaited<ReturnType<typeof TestClient.guest>>>
}

/** `offer`: options of the clients, such as compression. */
export async function startChat(
  options: Partial<ChatOptions> = {},
  offer: ClientOptions = {},
): Promise<Started> {
  const engine = options.engine ?? new MemoryEngine()
  const chat = await ChatServer.start({ auth: 'guest', writeRate: FAST, ...options, engine })
  const { port } = await chat.listen(0)
  const clients: TestClient[] = []
  const keep = <C extends TestClient>(client: C): C => {
    clients.push(client)
    return client
  }
  const guest = async (nick: string) => keep(await TestClient.guest(port, nick, offer))
  return {
    chat,
    port,
    engine,
    guest,
    connect: async () => keep(await TestClient.connect(port, offer)),
    async member(nick, room = 'lobby') {
      const client = await guest(nick)
      await client.ask('join', { room, create: true })
      return client
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client[Symbol.asyncDispose]()
      await chat.close()
    },
  }
}

let lastCid = 0

/** A cid that no other test uses. */
export function nextCid(): string {
  return `cid-${++lastCid}`
}
