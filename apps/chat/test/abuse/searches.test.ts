// Expensive searches do not delay other requests.

import { setTimeout as pause } from 'node:timers/promises'
import { withRedis } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { SqliteEngine } from '../../src/engine/sqlite/sqlite-engine.ts'
import { LOBBY } from '../../src/wire/constants.ts'
import { nextCid } from '../chat/start.ts'
import { ChatProcess } from '../chat-process.ts'
import { TestClient } from '../client.ts'
import { message } from '../engine/drafts.ts'
import { makeFolder } from '../engine/kinds.ts'
import { Recorder } from '../engine/recorder.ts'
import { type Nodes, startNodes } from '../nodes/nodes.ts'

/** Milliseconds in which others are watched. */
const WATCHED = 500

/**
 * Milliseconds between two frames of a connection, of which the chat takes 20 a second, and 40 at
 * once.
 */
const PACE = 55
const AT_ONCE = 40

/**
 * The allowed delay of other requests: a multiple of the usual one, or milliseconds on a busy
 * machine.
 */
const SLOWER = 10
const LONGEST = 200

/** `count` Chinese characters, each a word, from a place on. */
function han(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => String.fromCodePoint(0x4e00 + from + index)).join('')
}

/** Stored messages, and the worst query for them. */
const WORST: readonly [name: string, bodies: readonly string[], query: string][] = [
  [
    'messages with many different words, and a query of all of them',
    Array.from({ length: 48 }, () => han(0, 200) + han(300, 1).repeat(3790)),
    [...han(0, 100)].join(' '),
  ],
  [
    'long messages without a hit',
    Array.from({ length: 300 }, () => han(600, 20).repeat(200)),
    `${han(600, 1)} needle`,
  ],
  [
    'words that all begin alike',
    Array.from({ length: 300 }, (_, row) =>
      Array.from({ length: 500 }, (_, word) => `aaaa${(row * 500 + word).toString(36)}`)
        .join(' ')
        .slice(0, 4000),
    ),
    'aaaa',
  ],
]

async function fill(engine: Engine, room: string, bodies: readonly string[]): Promise<void> {
  await engine.createRoom(room)
  for (let at = 0; at < bodies.length; at += AT_ONCE)
    await Promise.all(bodies.slice(at, at + AT_ONCE).map(body => engine.publish(room, message(body))))
}

/** The median time of a send with a request for /healthz, in milliseconds. */
async function watch(chat: ChatProcess, client: TestClient): Promise<number> {
  const end = performance.now() + WATCHED
  const durations: number[] = []
  while (performance.now() < end) {
    const start = performance.now()
    const health = await chat.get('/healthz')
    expect(health.status).toBe(200)
    await client.ask('send', { room: LOBBY, cid: nextCid(), body: 'hello' })
    durations.push(performance.now() - start)
    await pause(PACE)
  }
  return durations.toSorted((a, b) => a - b)[Math.floor(durations.length / 2)]!
}

/**
 * Searches in a loop, on several connections, until it is stopped. Returns the number of results.
 */
async function searchOn(
  clients: readonly TestClient[],
  room: string,
  q: string,
  stop: AbortSignal,
): Promise<number> {
  let answered = 0
  const search = async (client: TestClient) => {
    while (!stop.aborted) {
      const found = await client.ask('search', { q, room, limit: 50 }).catch(error => error.reply)
      if ('hits' in found) answered++
      await pause(PACE)
    }
  }
  await Promise.all(clients.map(search))
  return answered
}

async function compare(chat: ChatProcess, room: string, q: string): Promise<void> {
  await using honest = await TestClient.guest(chat.port, `Honest ${nextCid()}`)
  await honest.ask('join', { room: LOBBY })
  const attackers: TestClient[] = []
  for (let i = 0; i < 10; i++) {
    const attacker = await TestClient.guest(chat.port, `Attacker ${nextCid()}`)
    await attacker.ask('join', { room })
    attackers.push(attacker)
  }
  await attackers[0]!.ask('search', { q: 'warm', room })
  const usual = await watch(chat, honest)
  const stop = new AbortController()
  const searching = searchOn(attackers, room, q, stop.signal)
  const during = await watch(chat, honest)
  stop.abort()
  expect(await searching).toBeGreaterThan(0)
  for (const attacker of attackers) await attacker.leave()
  expect(during).toBeLessThan(Math.max(usual * SLOWER, LONGEST))
  expect(chat.count('store-down')).toBe(0)
}

describe('on a file', () => {
  test.each(WORST)('%s', async (_name, bodies, query) => {
    await using folder = await makeFolder()
    const file = `${folder.path}/chat.db`
    await using engine = new SqliteEngine(file)
    await engine.start(new Recorder())
    await fill(engine, 'worst', bodies)
    await engine[Symbol.asyncDispose]()
    await using chat = await ChatProcess.start(['--data', file])
    await compare(chat, 'worst', query)
  })
})

describe('in memory', () => {
  test.each(WORST)('%s', async (_name, bodies, query) => {
    await using chat = await ChatProcess.start(['--memory'])
    for (let at = 0; at < bodies.length; at += AT_ONCE - 2) {
      await using writer = await TestClient.guest(chat.port, `Writer ${at}`)
      await writer.ask('join', { room: 'worst', create: true })
      for (const body of bodies.slice(at, at + AT_ONCE - 2))
        await writer.ask('send', { room: 'worst', cid: nextCid(), body })
    }
    await compare(chat, 'worst', query)
  })
})

withRedis(describe)('on two nodes with a Redis', () => {
  let nodes: Nodes
  beforeAll(async () => {
    nodes = await startNodes()
  })
  afterAll(() => nodes[Symbol.asyncDispose]())

  test.each(WORST)('%s', async (name, bodies, query) => {
    const room = `worst-${name.length}`
    const { RedisEngine } = await import('../../src/engine/redis/redis-engine.ts')
    const { readRedisAddress } = await import('../../src/engine/redis/address.ts')
    await using engine = new RedisEngine(readRedisAddress(nodes.redis.url)!)
    await engine.start(new Recorder())
    await fill(engine, room, bodies)
    await compare(nodes.a, room, query)
  })

  test('the searches of a user are counted on both nodes together', async () => {
    await using limited = await startNodes(undefined, ['--search-rate', '2:0.001'])
    const ann = await limited.member(limited.a, 'Ann')
    const search = { q: 'needle', room: LOBBY }
    for (let i = 0; i < 2; i++) expect(await ann.ask('search', search)).toEqual({ hits: [] })
    const again = await limited.connect(limited.b)
    await again.ask('hello', { v: 1, token: ann.hello.token! })
    await again.ask('join', { room: LOBBY })
    const refusal = await again.refusal('search', search)
    expect(refusal).toMatchObject({ code: 'rate_limited', temporary: true })
    expect(refusal.msg).toMatch(/^Too many searches\. Try again in \d+ (?:seconds|minutes)\.$/)
  })
})
