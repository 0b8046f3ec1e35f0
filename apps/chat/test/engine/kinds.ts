// The kinds of engines, each with a store of its own for a test.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisServer } from '@ws/testing'
import type { Engine, EngineOptions } from '../../src/engine/engine.ts'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { readRedisAddress } from '../../src/engine/redis/address.ts'
import { RedisEngine } from '../../src/engine/redis/redis-engine.ts'
import { SqliteEngine } from '../../src/engine/sqlite/sqlite-engine.ts'
import { Recorder } from './recorder.ts'

/** The store of one test, which several engines of one kind may share. */
interface Store extends AsyncDisposable {
  /** Another engine for it, not started yet. */
  engine(options?: EngineOptions): Engine
}

/** A kind of engines, as the conformance suite sees it. */
export interface EngineKind {
  readonly name: string
  /** Whether a second engine finds the entries of a first one. */
  readonly durable: boolean
  makeStore(): Promise<Store>
}

export const MEMORY: EngineKind = {
  name: 'memory',
  durable: false,
  async makeStore() {
    return { engine: options => new MemoryEngine(options), async [Symbol.asyncDispose]() {} }
  },
}

export const SQLITE: EngineKind = {
  name: 'sqlite',
  durable: true,
  async makeStore() {
    const folder = await makeFolder()
    return {
      engine: options => new SqliteEngine(join(folder.path, 'chat.db'), options),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    }
  },
}

/** One for the whole file; each store has a database in it. */
let redis: RedisServer | undefined
let lastDatabase = -1

/** Before the first store. */
export async function startRedis(): Promise<void> {
  redis = await RedisServer.start(['--databases', '10000'])
}

export async function stopRedis(): Promise<void> {
  await redis?.[Symbol.asyncDispose]()
}

export const REDIS: EngineKind = {
  name: 'redis',
  durable: true,
  async makeStore() {
    const address = readRedisAddress(`${redis!.url}/${++lastDatabase}`)!
    return { engine: options => new RedisEngine(address, options), async [Symbol.asyncDispose]() {} }
  },
}

/** A folder that is removed after the test. */
export async function makeFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'ws-chat-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** A started engine on a store of its own, with the room `lobby` and a stopped clock. */
export interface Running extends AsyncDisposable {
  readonly engine: Engine
  readonly sink: Recorder
  readonly clock: { time: number }
}

export async function run(kind: EngineKind, options: { readonly keep?: number } = {}): Promise<Running> {
  const store = await kind.makeStore()
  const clock = { time: 1_700_000_000_000 }
  const engine = store.engine({ ...options, now: () => clock.time })
  const sink = new Recorder()
  await engine.start(sink)
  await engine.createRoom('lobby')
  return {
    engine,
    sink,
    clock,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

/** Publishes one after the other. */
export async function publishAll(
  engine: Engine,
  room: string,
  drafts: readonly Parameters<Engine['publish']>[1][],
) {
  for (const draft of drafts) await engine.publish(room, draft)
}
