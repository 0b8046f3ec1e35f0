// Conversations: hello, rooms, sending, changing, reading and finding messages.

import { describe, expect, test } from 'vitest'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { TestClient } from '../client.ts'
import { nextCid, startChat } from './start.ts'

describe('hello', () => {
  test('creates a guest, and describes the chat', async () => {
    await using started = await startChat({ writeRate: { perSecond: 2, burst: 5 } })
    const { hello } = await started.guest('Ann')
    expect(hello).toMatchObject({
      hb: 25_000,
      auth: 'guest',
      user: { nick: 'Ann', guest: true },
      limits: { frame: 16_384, body: 4000, rate: [5, 2], page: 100 },
      rooms: [{ room: 'lobby', top: 0, oldest: 1, read: 0, members: 0 }],
    })
    expect(hello.token).toMatch(/^[\w-]{43}$/)
  })

  test('recognizes the token of an earlier connection', async () => {
    await using started = await startChat()
    const first = await started.member('Ann', 'garden')
    const again = await started.connect()
    const hello = await again.ask('hello', { v: 1, token: first.hello.token! })
    expect(hello.user).toEqual(first.hello.user)
    expect(hello.token).toBe(undefined)
    expect(hello.rooms.map(({ room }) => room)).toEqual(['lobby', 'garden'])
  })

  test('must be the first message, and is accepted once', async () => {
    await using started = await startChat()
    const client = await started.connect()
    expect(await client.refusal('ping', {})).toMatchObject({ code: 'unauthorized', msg: 'send hello first' })
    await client.ask('hello', { v: 1, nick: 'Ann' })
    expect(await client.refusal('hello', { v: 1 })).toMatchObject({ code: 'bad_request' })
  })

  test('without a name only ping and auth are allowed', async () => {
    await using started = await startChat({ auth: 'register' })
    const client = await started.connect()
    expect(await client.refusal('hello', { v: 1, nick: 'Ann' })).toMatchObject({ code: 'unauthorized' })
    expect(await client.ask('hello', { v: 1 })).toMatchObject({ auth: 'register', rooms: [] })
    expect(await client.refusal('join', { room: 'lobby' })).toMatchObject({ code: 'unauthorized' })
    expect(await client.refusal('rooms', {})).toMatchObject({ code: 'unauthorized' })
    expect(await client.ask('ping', {})).toMatchObject({ now: expect.any(Number) })
  })

  test.each(['', 'a\u202Eb', 'a\u200Bb', 'x'.repeat(33), 'a\nb', ' '])(
    '%j is refused as the name of a guest',
    async nick => {
      await using started = await startChat()
      const client = await started.connect()
      expect(await client.refusal('hello', { v: 1, nick })).toMatchObject({ code: 'bad_request' })
    },
  )

  test('a name is taken in any case', async () => {
    await using started = await startChat()
    await started.guest('Ann')
    const client = await started.connect()
    expect(await client.refusal('hello', { v: 1, nick: ' aNN ' })).toMatchObject({ code: 'exists' })
    await client.ask('hello', { v: 1, nick: 'Bob' })
  })
})

describe('a message', () => {
  test('reaches all members in one order; the cid reaches only the windows of its author', async () => {
    await using started = await startChat()
    const ann = await started.member('Ann')
    const bob = await started.member('Bob')
    const second = await started.connect()
    await second.ask('hello', { v: 1, token: ann.hello.token! })
    await second.ask('join', { room: 'lobby' })
    const cid = nextCid()
    const reply = await ann.ask('send', { room: 'lobby', cid, body: 'hi' })
    expect(reply).toMatchObject({ cid, seq: 1, epoch: expect.any(String), ts: expect.any(Number) })
    const { id, nick } = ann.hello.user!
    const entry = {
      t: 'entry',
      room: 'lobby',
      seq: 1,
      ts: reply.ts,
      user: { id, nick },
      kind: 'msg',
      data: { body: 'hi' },
    }
    expect(await bob.push('entry')).toEqual(entry)
    expect(await ann.push('entry')).toEqual({ ...entry, cid })
    expect(await second.push('entry')).toEqual({ ...entry, cid })
  })

  test('sent twice with one cid is stored once, even if it would be forbidden by now', async () => {
    await using started = await startChat()
    const owner = await started.member('Owner', 'garden')
    const ann = await started.member('Ann', 'garden')
    const send = { room: 'garden', cid: nextCid(), body: 'hi' }
    const first = await ann.ask('send', send)
    await owner.ask('mod', { room: 'garden', op: 'lock' })
    expect(await ann.ask('send', send)).toEqual({ ...first, dup: true })
    expect(await ann.refusal('send', { ...send, cid: nextCid() })).toMatchObject({ code: 'forbidden' })
  })

  test('sent many at once keep their order', async () => {
    await using started = await startChat()
    const ann = await started.member('Ann')
    const bodies = Array.from({ length: 16 }, (_, i) => `message ${i}`)
    const replies = bodies.map((body, i) =>
      ann.ask('send', { room: 'lobby', cid: nextCid(), body, ...(i === 3 && { as: 'me' as const }) }),
    )
    expect((await Promise.all(replies)).map(({ seq }) => seq)).toEqual(bodies.map((_, i) => i + 1))
    const { log } = await ann.ask('history', { room: 'lobby' })
    expect(log.map(({ data }) => 'body' in data && data.body)).toEqual(bodies)
    expect(log[3]!.data).toMatchObject({ as: 'me' })
  })

  test('is edited by its author only, and deleted by its author, the owner or an admin', async () => {
    await using started = await startChat()
    const owner = await started.member('Owner', 'garden')
    const ann = await started.member('Ann', 'garden')
    const bob = await started.member('Bob', 'garden')
    const { seq } = await ann.ask('send', { room: 'garden', cid: nextCid(), body: 'hi' })
    const about = () => ({ room: 'garden', cid: nextCid(), seq })
    expect(await owner.refusal('edit', { ...about(), body: 'x' })).toMatchObject({ code: 'forbidden' })
    expect(await bob.refusal('del', about())).toMatchObject({ code: 'forbidden' })
    await ann.ask('edit', { ...about(), body: 'hello' })
    await bob.ask('react', { ...about(), emoji: '👍', on: true })
    const { log } = await bob.ask('history', { room: 'garden', around: seq })
    expect(log.find(entry => entry.seq === seq)?.fold).toMatchObject({
      body: 'hello',
      reactions: { '👍': [bob.hello.user!.id] },
    })
    await owner.ask('del', about())
    expect(await bob.refusal('react', { ...about(), emoji: '👍', on: true })).toMatchObject({
      code: 'not_found',
    })
  })

  test('can be a reply to an existing message', async () => {
    await using started = await startChat()
    const ann = await started.member('Ann')
    const { seq } = await ann.ask('send', { room: 'lobby', cid: nextCid(), body: 'hi' })
    await ann.ask('send', { room: 'lobby', cid: nextCid(), body: 'yes', reply: seq })
    const send = { room: 'lobby', cid: nextCid(), body: 'what?', reply: 77 }
    expect(await ann.refusal('send', send)).toMatchObject({ code: 'not_found' })
  })

  test('a topic reaches users who join later', async () => {
    await using started = await startChat()
    const ann = await started.member('Ann')
    await ann.ask('topic', { room: 'lobby', cid: nextCid(), topic: 'tea' })
    const bob = await started.guest('Bob')
    expect(await bob.ask('join', { room: 'lobby' })).toMatchObject({ topic: 'tea', top: 1, members: 2 })
  })

  test("is found by its words, in the user's rooms", async () => {
    await using started = await startChat()
    const ann = await started.member('Ann', 'garden')
    const bob = await started.member('Bob')
    await ann.ask('send', { room: 'garden', cid: nextCid(), body: 'roses and tea' })
    expect((await ann.ask('search', { q: 'tea' })).hits).toMatchObject([{ room: 'garden', seq: 2 }])
    expect((await bob.ask('search', { q: 'tea' })).hits).toEqual([])
    expect(await bob.refusal('search', { q: 'tea', room: 'garden' })).toMatchObject({ code: 'forbidden' })
  })
})

describe('rooms', () => {
  test('are created on request, and do not exist before', async () => {
    await using started = await startChat()
    const ann = await started.guest('Ann')
    expect(await ann.refusal('join', { room: 'garden' })).toMatchObject({ code: 'not_found' })
    const joined = await ann.ask('join', { room: 'garden', create: true })
    expect(joined).toMatchObject({ room: 'garden', top: 1, owner: ann.hello.user!.id, members: 1 })
    expect((await ann.ask('rooms', {})).rooms.map(({ room }) => room)).toEqual(['garden', 'lobby'])
  })

  test('are written and read by their members only', async () => {
    await using started = await startChat()
    const ann = await started.guest('Ann')
    const room = 'lobby'
    expect(await ann.refusal('send', { room, cid: nextCid(), body: 'x' })).toMatchObject({
      code: 'forbidden',
    })
    for (const t of ['history', 'who', 'leave'] as const)
      expect(await ann.refusal(t, { room })).toMatchObject({ code: 'forbidden', msg: 'join lobby first' })
  })

  test('at most 100 on one connection', async () => {
    await using started = await startChat()
    const ann = await started.guest('Ann')
    for (let i = 0; i < 101; i++) await started.engine.createRoom(`room-${i}`)
    // In two steps, because frames are limited too.
    const resume = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`room-${i}`, ['x', 0] as const]))
    const second = await started.connect()
    await second.ask('hello', { v: 1, token: ann.hello.token!, resume })
    expect(await second.refusal('join', { room: 'room-100' })).toMatchObject({ code: 'forbidden' })
    await second.ask('leave', { room: 'room-7' })
    await second.ask('join', { room: 'room-100' })
  })

  test('at most 1,000 can be created', async () => {
    await using started = await startChat()
    const ann = await started.guest('Ann')
    for (let i = 1; i <= 999; i++) await started.engine.createRoom(`room-${i}`)
    await ann.ask('join', { room: 'last', create: true })
    expect(await ann.refusal('join', { room: 'more', create: true })).toMatchObject({ code: 'forbidden' })
    await ann.ask('join', { room: 'room-1', create: true })
  })

  test('that could not be opened in time can be opened later', async () => {
    class SlowToOpen extends MemoryEngine {
      gate: Promise<void> | undefined
      override async room(name: string) {
        await this.gate
        return super.room(name)
      }
    }
    const engine = new SlowToOpen()
    await using started = await startChat({ engine, times: { engine: 60 } })
    await engine.createRoom('garden')
    const ann = await started.guest('Ann')
    const gate = Promise.withResolvers<void>()
    engine.gate = gate.promise
    expect(await ann.refusal('join', { room: 'garden' })).toMatchObject({ code: 'unavailable' })
    expect(started.chat.stats().rooms).toBe(0)
    gate.resolve()
    await ann.ask('join', { room: 'garden' })
    expect(started.chat.stats().rooms).toBe(1)
    const reply = await ann.ask('send', { room: 'garden', cid: nextCid(), body: 'hi' })
    expect(await ann.push('entry')).toMatchObject({ seq: reply.seq })
  })

  test('read positions reach the other windows of a user, and only move forward', async () => {
    await using started = await startChat()
    const ann = await started.member('Ann')
    const second = await started.connect()
    await second.ask('hello', { v: 1, token: ann.hello.token! })
    for (const body of ['1', '2', '3']) await ann.ask('send', { room: 'lobby', cid: nextCid(), body })
    ann.say({ t: 'read', room: 'lobby', seq: 2 })
    ann.say({ t: 'read', room: 'lobby', seq: 1 })
    ann.say({ t: 'read', room: 'lobby', seq: 99 })
    await second.push('read', ({ seq }) => seq === 3)
    expect(second.all('read').map(({ seq }) => seq)).toEqual([2, 3])
    expect(ann.all('read')).toEqual([])
    const { rooms } = await (await started.connect()).ask('hello', { v: 1, token: ann.hello.token! })
    expect(rooms[0]).toMatchObject({ room: 'lobby', read: 3, top: 3 })
  })

  test('history has pages before, after and around a message, and reports gaps', async () => {
    await using started = await startChat({ engine: new MemoryEngine({ keep: 10 }) })
    const ann = await started.member('Ann')
    for (let i = 1; i <= 20; i++) await ann.ask('send', { room: 'lobby', cid: nextCid(), body: `${i}` })
    const page = async (query: object) => {
      const { log, gap } = await ann.ask('history', { room: 'lobby', limit: 4, ...query })
      return { seqs: log.map(({ seq }) => seq), gap }
    }
    expect(await page({})).toEqual({ seqs: [17, 18, 19, 20], gap: undefined })
    expect(await page({ before: 16 })).toEqual({ seqs: [12, 13, 14, 15], gap: undefined })
    expect(await page({ before: 13 })).toEqual({ seqs: [11, 12], gap: true })
    expect(await page({ after: 10 })).toEqual({ seqs: [11, 12, 13, 14], gap: undefined })
    expect(await page({ after: 5 })).toMatchObject({ gap: true })
    expect(await page({ around: 15 })).toEqual({ seqs: [13, 14, 15, 16], gap: undefined })
    expect(await page({ around: 3 })).toEqual({ seqs: [], gap: true })
    const react = { room: 'lobby', cid: nextCid(), seq: 3, emoji: '👍', on: true }
    expect(await ann.refusal('react', react)).toMatchObject({ code: 'gap' })
  })
})

test('a connection without a hello is closed, and frees its place', async () => {
  await using started = await startChat()
  const client = await TestClient.connect(started.port)
  expect(started.chat.stats().connections).toBe(1)
  await client.leave()
  await expect.poll(() => started.chat.stats().connections).toBe(0)
})
