// Chats on stores of each kind, with visitors from addresses of the test's choice: two nodes where
// a store serves several.

import { scryptSync } from 'node:crypto'
import type { Account, Engine } from '../../src/engine/engine.ts'
import { type ChatOptions, ChatServer } from '../../src/server/chat-server.ts'
import type { ErrorReply, Replies } from '../../src/wire/messages.ts'
import { TestClient } from '../client.ts'
import type { EngineKind } from '../engine/kinds.ts'

export const PASSWORD = 'correct horse'

/** A hash that takes no time to check, so that a test can guess a thousand times. */
const CHEAP = `scrypt$4$8$1$AAAA$${scryptSync(PASSWORD, Buffer.from('AAAA', 'base64url'), 32, { N: 16, r: 8, p: 1 }).toString('base64url')}`

export class Visited implements AsyncDisposable {
  readonly engine: Engine
  /** Stands still until a test moves it. */
  readonly clock: { time: number }
  readonly #ports: readonly number[]
  readonly #stack: AsyncDisposableStack
  #connections = 0

  private constructor(
    engine: Engine,
    clock: { time: number },
    ports: readonly number[],
    stack: AsyncDisposableStack,
  ) {
    this.engine = engine
    this.clock = clock
    this.#ports = ports
    this.#stack = stack
  }

  static async start(kind: EngineKind, options: Partial<ChatOptions> = {}): Promise<Visited> {
    const stack = new AsyncDisposableStack()
    const store = stack.use(await kind.makeStore())
    const clock = { time: 1_700_000_000_000 }
    const now = () => clock.time
    const engines: Engine[] = []
    const ports: number[] = []
    for (let node = 0; node < (kind.name === 'redis' ? 2 : 1); node++) {
      const engine = store.engine({ now })
      const chat = stack.use(
        await ChatServer.start({ auth: 'guest', trustProxy: ['loopback'], now, ...options, engine }),
      )
      engines.push(engine)
      ports.push((await chat.listen(0)).port)
    }
    return new Visited(engines[0]!, clock, ports, stack)
  }

  /** A registered user, in the store. */
  async account(nick: string): Promise<Account> {
    const account: Account = { id: `id of ${nick}`, nick, guest: false, password: CHEAP }
    await this.engine.accounts.create(account)
    return account
  }

  /** A connection from this address, to the nodes in turn. It ends with the test. */
  async connect(address: string): Promise<TestClient> {
    const port = this.#ports[this.#connections++ % this.#ports.length]!
    return this.#stack.use(await TestClient.connect(port, { headers: { 'X-Forwarded-For': address } }))
  }

  /** A connection from this address that has sent hello without signing in. */
  async visit(address: string): Promise<TestClient> {
    const client = await this.connect(address)
    await client.ask('hello', { v: 1 })
    return client
  }

  /** A guest from this address. */
  async guest(address: string, nick: string): Promise<TestClient & { readonly hello: Replies['hello'] }> {
    const client = await this.connect(address)
    const hello = await client.ask('hello', { v: 1, nick })
    return Object.assign(client, { hello })
  }

  /** The result of a sign-in from this address on a new connection. */
  async signIn(address: string, nick: string, password = PASSWORD): Promise<'ok' | ErrorReply['code']> {
    const client = await this.visit(address)
    const outcome = await outcomeOf(client.ask('auth', { op: 'login', nick, password }))
    await client.leave()
    return outcome
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

/** `ok`, or the code of the error. */
export async function outcomeOf(asked: Promise<unknown>): Promise<'ok' | ErrorReply['code']> {
  try {
    await asked
    return 'ok'
  } catch (error) {
    if (error instanceof Error && 'reply' in error) return (error.reply as ErrorReply).code
    throw error
  }
}

/** The number of each result. */
export function tally(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}
