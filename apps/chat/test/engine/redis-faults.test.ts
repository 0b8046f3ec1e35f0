// The engine on Redis: several nodes, lost connections, and foreign data.

import { FaultProxy, RedisServer, withRedis } from '@ws/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NoSuchRoom, Unavailable } from '../../src/engine/engine.ts'
import { readRedisAddress } from '../../src/engine/redis/address.ts'
import { Connection, loadLibrary, type Reply } from '../../src/engine/redis/connection.ts'
import { RedisEngine, type RedisEngineOptions } from '../../src/engine/redis/redis-engine.ts'
import { Sequencer } from '../../src/engine/stream/sequencer.ts'
import { ANN, BOB, edit, message, messages, reaction } from './drafts.ts'
import { numbers, Recorder } from './recorder.ts'

let redis: RedisServer
let admin: Connection
let stack: AsyncDisposableStack

/** A started engine, and the events of its sequencer. */
async function startEngine(options: RedisEngineOptions = {}, database = 0) {
  const engine = new RedisEngine(readRedisAddress(`${redis.url}/${database}`)!, options)
  const listener = new Recorder()
  const sequencer = new Sequencer(engine, listener)
  stack.use(engine)
  stack.defer(() => sequencer.close())
  await sequencer.start()
  return { engine, listener, sequencer }
}

/** Ends all connections of chats. */
function cutAll(): Promise<Reply> {
  return admin.ask(['CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'yes'])
}

withRedis(describe)('the engine on Redis', () => {
  beforeAll(async () => {
    redis = await RedisServer.start()
    const nothing = { message: () => {}, ended: () => {} }
    admin = await Connection.open(await loadLibrary(), readRedisAddress(redis.url)!, nothing)
  })
  afterAll(async () => {
    admin.end()
    await redis[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    stack = new AsyncDisposableStack()
    await admin.ask(['FLUSHALL'])
  })
  afterEach(() => stack.disposeAsync())
  describe('several at once', severalTests)
  describe('a connection', connectionTests)
  describe('a lost connection', lossTests)
  describe('a room that was removed while a node was away', removalTests)
  describe('warnings', warningTests)
  describe('search', searchTests)
})

function severalTests(): void {
  test('write into one log, and receive it in the same order', async () => {
    const a = await startEngine()
    const b = await startEngine()
    await a.engine.createRoom('lobby')
    for (const { sequencer } of [a, b]) await sequencer.subscribe('lobby')
    const published = await Promise.all(
      messages(400).map((draft, i) => (i % 2 ? a : b).engine.publish('lobby', draft)),
    )
    expect(published.map(({ entry }) => entry.seq).sort((x, y) => x - y)).toEqual(numbers(400))
    for (const { listener } of [a, b]) {
      await listener.until(({ entries }) => entries.length === 400)
      expect(listener.seqs()).toEqual(numbers(400))
    }
    expect(a.listener.entries).toEqual(b.listener.entries)
  })

  test('change one message at the same time without losing a change', async () => {
    const { engine: a } = await startEngine()
    const { engine: b } = await startEngine()
    await a.createRoom('lobby')
    await a.publish('lobby', message('how many?'))
    const people = numbers(30).map(number => ({ id: `u-${number}`, nick: `N ${number}` }))
    await Promise.all(people.map((user, i) => (i % 2 ? a : b).publish('lobby', reaction(1, '👍', user))))
    const entry = await a.entry('lobby', 1)
    expect(new Set(entry?.fold?.reactions?.['👍'])).toEqual(new Set(people.map(({ id }) => id)))
  })

  test('a publish after a change is stored after it', async () => {
    const { engine } = await startEngine()
    await engine.createRoom('lobby')
    await engine.publish('lobby', message('one'))
    const drafts = [edit(1, 'two'), message('three'), edit(1, 'four'), message('five')]
    const published = await Promise.all(drafts.map(draft => engine.publish('lobby', draft)))
    expect(published.map(({ entry }) => entry.seq)).toEqual([2, 3, 4, 5])
  })

  test('know a user on two of them until both have removed them', async () => {
    const { engine: a } = await startEngine()
    const { engine: b } = await startEngine()
    await a.presence.here('lobby', [ANN, BOB])
    await b.presence.here('lobby', [{ ...ANN, nick: 'Anna' }])
    expect((await a.presence.members('lobby', 9)).count).toBe(2)
    await a.presence.gone('lobby', [ANN.id])
    expect((await a.presence.members('lobby', 9)).members).toEqual([{ ...ANN, nick: 'Anna' }, BOB])
    await b.presence.gone('lobby', [ANN.id])
    expect((await b.presence.members('lobby', 9)).members).toEqual([BOB])
  })

  test('on two databases are independent', async () => {
    const a = await startEngine()
    const b = await startEngine({}, 1)
    for (const { engine, sequencer } of [a, b]) {
      await engine.createRoom('lobby')
      await sequencer.subscribe('lobby')
    }
    a.engine.signal('lobby', 'for a')
    await a.engine.publish('lobby', message('for a'))
    b.engine.signal('lobby', 'for b')
    await b.listener.until(({ signals }) => signals.length > 0)
    expect(b.listener.signals.map(({ event }) => event)).toEqual(['for b'])
    expect((await b.engine.room('lobby'))?.seq).toBe(0)
  })
}

function connectionTests(): void {
  test('that is lost is replaced, and missed entries are received', async () => {
    const a = await startEngine()
    const b = await startEngine()
    await a.engine.createRoom('lobby')
    await b.sequencer.subscribe('lobby')
    await a.engine.publish('lobby', message('1'))
    await b.listener.until(({ entries }) => entries.length === 1)
    await cutAll()
    await b.listener.until(({ states }) => states.includes('down'))
    for (const draft of messages(250)) await a.engine.publish('lobby', draft)
    await b.listener.until(({ entries }) => entries.length === 251)
    expect(b.listener.seqs()).toEqual(numbers(251))
    expect(b.listener.states).toEqual(['up', 'down', 'up'])
    expect(b.listener.resets).toEqual([])
  })

  test('that is new receives what the one before it did', async () => {
    const sink = new Recorder()
    const engine = stack.use(new RedisEngine(readRedisAddress(redis.url)!))
    await engine.start(sink)
    for (const room of ['lobby', 'den', 'attic']) {
      await engine.createRoom(room)
      await engine.subscribe(room)
    }
    await engine.unsubscribe('attic')
    await engine.subscribe('nowhere')
    await cutAll()
    await sink.until(({ states }) => states.length === 3)
    for (const room of ['attic', 'lobby', 'den']) await engine.publish(room, message(room))
    await sink.until(({ entries }) => entries.length === 2)
    expect(sink.entries.map(({ room }) => room)).toEqual(['lobby', 'den'])
    expect(await engine.rooms(9)).toEqual(['attic', 'den', 'lobby'])
  })

  test('that stalls is given up, and another one is opened', async () => {
    await using proxy = await FaultProxy.start(redis.port)
    const sink = new Recorder()
    const engine = stack.use(new RedisEngine(readRedisAddress(`redis://127.0.0.1:${proxy.port}`)!))
    await engine.start(sink)
    await engine.createRoom('lobby')
    proxy.stall('toServer')
    const start = performance.now()
    await expect(engine.publish('lobby', message('into the void'))).rejects.toBeInstanceOf(Unavailable)
    expect(performance.now() - start).toBeLessThan(3000)
    await sink.until(({ states }) => states.length === 3)
    expect(sink.states).toEqual(['up', 'down', 'up'])
    expect((await engine.publish('lobby', message('through'))).entry.seq).toBe(1)
  })

  test('that is down rejects at once, and a retry is recognized', async () => {
    const { engine, listener } = await startEngine()
    await engine.createRoom('lobby')
    await engine.subscribe('lobby')
    const draft = message('once')
    const published = engine.publish('lobby', draft)
    await published
    await cutAll()
    await listener.until(({ states }) => states.at(-1) === 'down')
    await expect(engine.publish('lobby', draft)).rejects.toBeInstanceOf(Unavailable)
    engine.signal('lobby', 'lost')
    await listener.until(({ states }) => states.at(-1) === 'up')
    expect(await engine.publish('lobby', draft)).toEqual({ ...(await published), dup: true })
  })

  test('has a limit of commands in progress, and refuses more', async () => {
    const { engine, listener } = await startEngine()
    await engine.createRoom('lobby')
    const asked = await Promise.allSettled(Array.from({ length: 10_500 }, () => engine.room('lobby')))
    const refused = asked.filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThanOrEqual(500)
    for (const { reason } of refused as PromiseRejectedResult[]) expect(reason).toBeInstanceOf(Unavailable)
    await listener.until(({ states }) => states.at(-1) === 'up')
    expect(await engine.room('lobby')).toBeDefined()
  })

  test('loads scripts again that Redis has lost', async () => {
    const { engine, listener } = await startEngine()
    await admin.ask(['SCRIPT', 'FLUSH'])
    await expect(engine.createRoom('lobby')).rejects.toBeInstanceOf(Unavailable)
    await listener.until(({ states }) => states.length === 3)
    expect(await engine.createRoom('lobby')).toBe(true)
  })

  test('to a Redis that refuses writes is down until it accepts them', async () => {
    const { engine, listener } = await startEngine()
    await engine.createRoom('lobby')
    await admin.ask(['CONFIG', 'SET', 'maxmemory', '1'])
    try {
      await expect(engine.publish('lobby', message('x'))).rejects.toBeInstanceOf(Unavailable)
      await listener.until(({ states }) => states.at(-1) === 'down')
    } finally {
      await admin.ask(['CONFIG', 'SET', 'maxmemory', '0'])
    }
    await listener.until(({ states }) => states.at(-1) === 'up')
    expect((await engine.publish('lobby', message('x'))).entry.seq).toBe(1)
  })

  test('ignores foreign messages in its channels', async () => {
    const { engine, listener, sequencer } = await startEngine()
    await engine.createRoom('lobby')
    await sequencer.subscribe('lobby')
    const foreign = [
      '',
      'x',
      'entry',
      'entry a 1 {',
      'entry a x {}',
      'signal {',
      'signal',
      'removed',
      'removed x',
      'look',
      '\0',
    ]
    for (const text of foreign) await admin.ask(['PUBLISH', 'chat:0:lobby', text])
    await engine.publish('lobby', message('mine'))
    await listener.until(({ entries }) => entries.some(({ kind }) => kind === 'msg'))
    expect(listener.states).toEqual(['up'])
  })
}

function lossTests(): void {
  test('makes it another log, for all clients', async () => {
    const a = await startEngine()
    const b = await startEngine()
    await a.engine.createRoom('lobby')
    for (const { sequencer } of [a, b]) await sequencer.subscribe('lobby')
    const other = stack.use(new RedisEngine(readRedisAddress(redis.url)!))
    const told = new Recorder()
    await other.start(told)
    await other.subscribe('lobby')
    for (const draft of messages(5)) await a.engine.publish('lobby', draft)
    for (const { listener } of [a, b]) await listener.until(({ entries }) => entries.length === 5)
    const { epoch } = (await a.engine.room('lobby'))!
    await admin.ask(['XTRIM', 'chat:log:lobby', 'MAXLEN', '3'])
    await admin.ask(['HSET', 'chat:room:lobby', 'top', '3'])
    await a.engine.tops(['lobby'])
    for (const { listener } of [a, b]) await listener.until(({ resets }) => resets.length > 0)
    const now = (await b.engine.room('lobby'))!
    expect(now.seq).toBe(3)
    expect(now.epoch).not.toBe(epoch)
    expect(b.listener.resets).toEqual([{ room: 'lobby', epoch: now.epoch, seq: 3 }])
    await told.until(({ losses }) => losses > 0)
  })

  test('a room that was lost is created again for its members', async () => {
    const { engine, sequencer, listener } = await startEngine()
    await engine.createRoom('lobby')
    await engine.publish('lobby', message('gone'))
    await sequencer.subscribe('lobby')
    await engine.publish('lobby', message('gone, too'))
    await admin.ask(['FLUSHALL'])
    await engine.tops(['lobby'])
    await listener.until(({ resets }) => resets.length > 0)
    expect((await engine.publish('lobby', message('anew'))).entry.seq).toBe(1)
    expect(await engine.rooms(9)).toEqual(['lobby'])
  })

  test('the epoch stays if nothing can have been lost', async () => {
    const first = await startEngine()
    await first.engine.createRoom('lobby')
    await first.engine.publish('lobby', message('kept'))
    const room = await first.engine.room('lobby')
    const second = await startEngine()
    expect(await second.engine.room('lobby')).toEqual(room)
  })

  test('without the mark of a durable Redis, each room has another epoch', async () => {
    const first = await startEngine()
    for (const room of ['lobby', 'den']) await first.engine.createRoom(room)
    const before = await first.engine.tops(['lobby', 'den'])
    await admin.ask(['DEL', 'chat:server'])
    const second = await startEngine()
    const after = await second.engine.tops(['lobby', 'den'])
    for (const [room, { epoch }] of after) expect(epoch).not.toBe(before.get(room)?.epoch)
    expect(new Set([...after.values()].map(({ epoch }) => epoch)).size).toBe(2)
  })
}

function removalTests(): void {
  /** A node that has seen a room with two messages, and is away while something happens to it. */
  async function awayWhile(happens: (engine: RedisEngine) => Promise<unknown>) {
    const here = await startEngine()
    let isThere = true
    const proxy = stack.use(await FaultProxy.start(() => (isThere ? redis.port : undefined)))
    const engine = stack.use(new RedisEngine(readRedisAddress(`redis://127.0.0.1:${proxy.port}`)!))
    const listener = new Recorder()
    const sequencer = new Sequencer(engine, listener)
    stack.defer(() => sequencer.close())
    await sequencer.start()
    for (const room of ['den', 'lobby']) {
      await here.engine.createRoom(room)
      await sequencer.subscribe(room)
      for (const draft of messages(2)) await here.engine.publish(room, draft)
    }
    await listener.until(({ entries }) => entries.length === 4)
    isThere = false
    proxy.reset()
    await listener.until(({ states }) => states.includes('down'))
    await happens(here.engine)
    isThere = true
    await listener.until(({ states }) => states.at(-1) === 'up')
    return { here: here.engine, engine, listener, sequencer }
  }

  test('is not created again, and the node is notified', async () => {
    const { here, engine, listener, sequencer } = await awayWhile(there => there.removeRoom('den'))
    expect(listener.removals).toEqual([{ room: 'den' }])
    expect(await engine.rooms(9)).toEqual(['lobby'])
    await engine.tops(['den', 'lobby'])
    await expect(sequencer.subscribe('den')).rejects.toBeInstanceOf(NoSuchRoom)
    await here.publish('lobby', message('after'))
    await listener.until(() => listener.seqs().includes(3))
    expect(listener).toMatchObject({ resets: [], states: ['up', 'down', 'up'] })
  })

  test('and created again is another one for the node', async () => {
    const { here, listener, sequencer } = await awayWhile(async there => {
      await there.removeRoom('den')
      await there.createRoom('den')
      for (const draft of messages(5)) await there.publish('den', draft)
    })
    expect(listener.removals).toEqual([{ room: 'den' }])
    expect(listener.seqs('den')).toEqual([1, 2])
    expect((await sequencer.subscribe('den')).seq).toBe(5)
    await here.publish('den', message('after'))
    await listener.until(() => listener.seqs('den').length > 2)
    expect(listener.seqs('den')).toEqual([1, 2, 6])
    expect(listener).toMatchObject({ resets: [], states: ['up', 'down', 'up'] })
  })

  test('is known to a node that was connected all the time, and does not look like a loss', async () => {
    const a = await startEngine()
    const b = await startEngine()
    await a.engine.createRoom('den')
    for (const { sequencer } of [a, b]) await sequencer.subscribe('den')
    const published = Promise.allSettled(messages(50).map(draft => b.engine.publish('den', draft)))
    const looked = b.engine.tops(['den'])
    await a.engine.removeRoom('den')
    await Promise.all([published, looked])
    for (const { listener } of [a, b]) await listener.until(({ removals }) => removals.length > 0)
    for (const { engine } of [a, b]) expect(await engine.tops(['den'])).toEqual(new Map())
    for (const { listener } of [a, b])
      expect(listener).toMatchObject({ removals: [{ room: 'den' }], resets: [], states: ['up'] })
  })

  test('is remembered for a month', async () => {
    const clock = { time: Date.now() }
    const { engine } = await startEngine({ now: () => clock.time })
    for (let month = 0; month < 3; month++) {
      await engine.createRoom('den')
      await engine.removeRoom('den')
      clock.time += 31 * 24 * 3_600_000
    }
    expect(await admin.ask(['ZCARD', 'chat:removed'])).toBe(1)
  })
}

function warningTests(): void {
  async function warningsWith(settings: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const warnings: string[] = []
    for (const [name, value] of Object.entries(settings)) await admin.ask(['CONFIG', 'SET', name, value])
    await startEngine({ warn: warning => warnings.push(warning) })
    return warnings
  }

  afterEach(async () => {
    await admin.ask(['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'])
    await admin.ask(['CONFIG', 'SET', 'appendfsync', 'everysec'])
    await admin.ask(['CONFIG', 'SET', 'appendonly', 'no'])
  })

  test('of evictions, and of missing persistence', async () => {
    const warnings = await warningsWith({ 'maxmemory-policy': 'allkeys-lru' })
    expect(warnings).toEqual([
      expect.stringContaining('maxmemory-policy is allkeys-lru, set noeviction'),
      expect.stringContaining('set appendonly yes and appendfsync always'),
    ])
  })

  test('of writes that may not be on disk', async () => {
    const warnings = await warningsWith({ appendonly: 'yes' })
    expect(warnings).toEqual([expect.stringContaining('set appendfsync always')])
  })

  test('of nothing, if all settings are right', async () => {
    expect(await warningsWith({ appendonly: 'yes', appendfsync: 'always' })).toEqual([])
  })

  test('once, for all connections', async () => {
    const warnings: string[] = []
    const { engine, listener } = await startEngine({ warn: warning => warnings.push(warning) })
    await engine.createRoom('lobby')
    await engine.subscribe('lobby')
    await cutAll()
    await listener.until(({ states }) => states.length === 3)
    expect(warnings).toHaveLength(1)
  })
}

function searchTests(): void {
  test('ends after a million characters, and can be continued', async () => {
    const { engine } = await startEngine()
    await engine.createRoom('lobby')
    await engine.createRoom('den')
    await engine.publish('den', message('needle'))
    const hay = Array.from({ length: 300 }, () => message('hay '.repeat(1000).trim()))
    await Promise.all(hay.map(draft => engine.publish('lobby', draft)))
    await engine.publish('lobby', message('needle'))
    const first = await engine.search({ text: 'needle', limit: 5 })
    expect(first.hits.map(({ entry }) => [entry.room, entry.seq])).toEqual([['lobby', 301]])
    const second = await engine.search({ text: 'needle', limit: 5, before: first.next! })
    expect(second.hits.map(({ entry }) => [entry.room, entry.seq])).toEqual([['den', 1]])
    expect(second.next).toBeUndefined()
  })
}
