// Chats of one store, each with an engine that can be held back.

import type { EngineOptions } from '../../src/engine/engine.ts'
import type { ChatOptions } from '../../src/server/chat-server.ts'
import { type Started, startChat } from '../chat/start.ts'
import type { TestClient } from '../client.ts'
import type { EngineKind } from '../engine/kinds.ts'
import { type HeldEngine, holdable } from './held-engine.ts'

export type Guest = Awaited<ReturnType<Started['guest']>>

export interface HeldChat extends Started, HeldEngine {
  readonly engine: HeldEngine['engine']
}

export interface HeldChats extends AsyncDisposable {
  readonly a: HeldChat
  /** On the same store; the same one as `a` where only one was asked for. */
  readonly b: HeldChat
  /** An admin in the lobby of `a`. */
  root(): Promise<TestClient>
}

export async function startHeld(
  kind: EngineKind,
  nodes: 1 | 2 = 1,
  options: Partial<ChatOptions> = {},
  engineOptions: EngineOptions = {},
): Promise<HeldChats> {
  const stack = new AsyncDisposableStack()
  const store = stack.use(await kind.makeStore())
  const start = async (): Promise<HeldChat> => {
    const held = holdable(store.engine(engineOptions))
    const started = await startChat({ admins: ['Root'], ...options, engine: held.engine })
    stack.defer(async () => {
      held.releaseHints()
      await started[Symbol.asyncDispose]()
    })
    return { ...started, ...held }
  }
  const a = await start()
  const b = nodes === 2 ? await start() : a
  return {
    a,
    b,
    async root() {
      const root = await a.connect()
      await root.ask('hello', { v: 1 })
      await root.ask('auth', { op: 'register', nick: 'Root', password: 'correct horse' })
      await root.ask('join', { room: 'lobby' })
      return root
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Another connection of the same user. */
export async function again(chat: Started, guest: Guest): Promise<TestClient> {
  const client = await chat.connect()
  await client.ask('hello', { v: 1, token: guest.hello.token! })
  return client
}
