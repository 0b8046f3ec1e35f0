// Nodes of version 0.1 write to the same Redis during an upgrade. Their commands are copied from
// that version.

import { RedisServer, withRedis } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NAME_REST } from '../../src/engine/engine.ts'
import { readRedisAddress } from '../../src/engine/redis/address.ts'
import { Connection, loadLibrary } from '../../src/engine/redis/connection.ts'
import { RedisEngine } from '../../src/engine/redis/redis-engine.ts'
import { ANN } from '../engine/drafts.ts'
import { numbers, Recorder } from '../engine/recorder.ts'

let redis: RedisServer
let old: Connection
let lastDatabase = 0

withRedis(describe)('nodes of version 0.1 on the same Redis', () => {
  beforeAll(async () => {
    redis = await RedisServer.start()
  })
  afterAll(() => redis[Symbol.asyncDispose]())

  test('names of version 0.1 belong to their accounts, and lookalikes are taken', async () => {
    await using both = await start()
    await createOld('u-ann', 'Ann')
    await createOld('u-mixed', '\u0410da')
    await createOld('u-you', 'you')
    await Promise.all(numbers(500).map(number => createOld(`u-${number}`, `user ${number}`)))
    const { accounts } = await both.engine()
    expect(await accounts.byNick('YOU')).toMatchObject({ id: 'u-you' })
    expect(await accounts.obstacle('ann')).toBe('taken')
    await expect.poll(() => accounts.obstacle('\u0410nn')).toBe('alike')
    await expect.poll(() => accounts.obstacle('Ada')).toBe('alike')
    await expect.poll(() => accounts.obstacle('us\u0435r 500')).toBe('alike')
    await createOld('u-ada', 'Ada')
    expect(await accounts.register('u-ada', 'Ada', 'hash')).toBe(true)
  })

  test('renames by an old node are known to a new one', async () => {
    await using both = await start()
    const { accounts } = await both.engine()
    await accounts.create({ id: 'u-ann', nick: 'Ann', guest: true })
    await renameOld('u-ann', 'Anna')
    expect(await accounts.byNick('anna')).toMatchObject({ id: 'u-ann' })
    expect(await accounts.obstacle('Ann')).toBeUndefined()
    expect(await accounts.obstacle('\u0410nn')).toBeUndefined()
    expect(await accounts.rename('u-ann', 'Anne')).toBe(true)
    expect(await accounts.obstacle('Anna')).toBe('resting')
    both.clock.time += NAME_REST
    expect(await accounts.create({ id: 'u-new', nick: 'Anna', guest: true })).toBe(true)
  })

  test('accounts that a new node stores are read by an old one', async () => {
    await using both = await start()
    const { accounts } = await both.engine()
    await accounts.create({ id: 'u-ann', nick: 'Ann', guest: false, password: 'hash' })
    await accounts.rename('u-ann', 'Anna')
    expect(await old.ask(['HGET', 'chat:nicks', 'ann'])).toBeNull()
    expect(await old.ask(['HGET', 'chat:nicks', 'anna'])).toBe('u-ann')
    const fields = ['id', 'nick', 'key', 'guest', 'password']
    expect(await old.ask(['HMGET', 'chat:account:u-ann', ...fields])).toEqual([
      'u-ann',
      'Anna',
      'anna',
      '0',
      'hash',
    ])
  })

  test('a reaction that an old node stored stays beside those of new ones', async () => {
    await using both = await start()
    const engine = await both.engine()
    await engine.createRoom('lobby')
    await engine.publish('lobby', { kind: 'msg', data: { body: 'hi' }, cid: 'a', user: ANN })
    for (const [index, emoji] of ['lol', '👍\uFE0F'].entries())
      await engine.publish('lobby', {
        kind: 'react',
        data: { seq: 1, emoji, on: true },
        cid: `r${index}`,
        user: ANN,
      })
    const entry = await engine.entry('lobby', 1)
    expect(entry?.fold?.reactions).toEqual({ lol: [ANN.id], '👍\uFE0F': [ANN.id] })
  })

  test('two spellings of an emoji that an old node stored as two reactions are one', async () => {
    await using both = await start()
    const engine = await both.engine()
    await engine.createRoom('lobby')
    await engine.publish('lobby', { kind: 'msg', data: { body: 'hi' }, cid: 'a', user: ANN })
    const reactions = { '❤': ['u-old'], lol: [ANN.id], '❤\uFE0F': [ANN.id] }
    await old.ask(['HSET', 'chat:folds:lobby', '1', `1 ${JSON.stringify({ reactions })}`])
    const read = async () => (await engine.entry('lobby', 1))?.fold?.reactions
    expect(await read()).toEqual({ '❤': ['u-old', ANN.id], lol: [ANN.id] })
    await engine.publish('lobby', {
      kind: 'react',
      data: { seq: 1, emoji: '❤\uFE0F', on: false },
      cid: 'b',
      user: ANN,
    })
    expect(await read()).toEqual({ '❤': ['u-old'], lol: [ANN.id] })
    expect(await old.ask(['HGET', 'chat:folds:lobby', '1'])).toBe(
      `2 ${JSON.stringify({ reactions: { '❤': ['u-old'], lol: [ANN.id] } })}`,
    )
  })
})

/** A database of its own, with engines of this version. */
async function start() {
  const stack = new AsyncDisposableStack()
  const address = readRedisAddress(`${redis.url}/${++lastDatabase % 16}`)!
  old = await Connection.open(await loadLibrary(), address, { message: () => {}, ended: () => {} })
  stack.defer(() => old.end())
  const clock = { time: 1_700_000_000_000 }
  return {
    clock,
    async engine() {
      const engine = stack.use(new RedisEngine(address, { now: () => clock.time }))
      await engine.start(new Recorder())
      return engine
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function createOld(id: string, nick: string): Promise<void> {
  const key = nick.toLowerCase()
  await old.ask(['HSETNX', 'chat:nicks', key, id])
  const fields = { id, nick, key, guest: '1', password: '', created: '1700000000000' }
  await old.ask(['HSET', `chat:account:${id}`, ...Object.entries(fields).flat()])
}

async function renameOld(id: string, nick: string): Promise<void> {
  const before = await old.ask(['HGET', `chat:account:${id}`, 'key'])
  await old.ask(['HDEL', 'chat:nicks', String(before)])
  await old.ask(['HSET', 'chat:nicks', nick.toLowerCase(), id])
  await old.ask(['HSET', `chat:account:${id}`, 'nick', nick, 'key', nick.toLowerCase()])
}
