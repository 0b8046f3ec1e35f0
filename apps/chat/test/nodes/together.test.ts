// Two nodes on one Redis behave as one chat, for clients of either.

import { withRedis } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changeAdmin } from '../../src/command/admin.ts'
import { readRedisAddress } from '../../src/engine/redis/address.ts'
import { type Nodes, send, startNodes } from './nodes.ts'

let nodes: Nodes

withRedis(describe)('two nodes', () => {
  beforeAll(async () => {
    nodes = await startNodes()
  })
  afterAll(() => nodes[Symbol.asyncDispose]())
  describe('the log', logTests)
  describe('lossy events', signalTests)
  describe('accounts', accountTests)
  describe('moderation', moderationTests)
})

function logTests(): void {
  test('a message on one node is received on the other, in one order', async () => {
    const { a, b, member } = nodes
    const ann = await member(a, 'Ann 1', 'order')
    const bob = await member(b, 'Bob 1', 'order')
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, i) => (i % 2 ? ann : bob).ask('send', send(`${i}`, 'order'))),
    )
    const last = Math.max(...replies.map(({ seq }) => seq))
    expect(new Set(replies.map(({ seq }) => seq)).size).toBe(30)
    for (const client of [ann, bob]) {
      await client.until(() => client.log('order').includes(last))
      const log = client.log('order')
      expect(log).toEqual(log.map((_, index) => log[0]! + index))
    }
    const bodies = (client: typeof ann) =>
      client.all('entry').flatMap(({ kind, data, seq }) => (kind === 'msg' ? [`${seq} ${data.body}`] : []))
    expect(bodies(ann).slice(-30)).toEqual(bodies(bob).slice(-30))
    expect(nodes.a.count('log-reset')).toBe(0)
  })

  test('a client that resumes on the other node misses nothing', async () => {
    const { a, b, member, connect } = nodes
    const ann = await member(a, 'Ann 2', 'resume')
    const bob = await member(a, 'Bob 2', 'resume')
    const { seq, epoch } = await ann.ask('send', send('seen', 'resume'))
    await bob.until(() => bob.log('resume').includes(seq))
    await bob.leave()
    for (let i = 1; i <= 5; i++) await ann.ask('send', send(`missed ${i}`, 'resume'))
    const again = await connect(b)
    await again.ask('hello', { v: 1, token: bob.hello.token!, resume: { resume: [epoch, seq] } })
    const live = await ann.ask('send', send('live', 'resume'))
    await again.until(() => again.log('resume').includes(live.seq))
    expect(again.log('resume')).toEqual([1, 2, 3, 4, 5, 6].map(more => seq + more))
    expect(again.all('sync').every(({ ok }) => ok)).toBe(true)
  })

  test('a retry on the other one is stored once', async () => {
    const { a, b, member, connect } = nodes
    const ann = await member(a, 'Ann 3', 'retry')
    const message = send('once', 'retry')
    const first = await ann.ask('send', message)
    const again = await connect(b)
    await again.ask('hello', { v: 1, token: ann.hello.token! })
    await again.ask('join', { room: 'retry' })
    expect(await again.ask('send', message)).toMatchObject({ seq: first.seq, dup: true })
  })

  test('reactions from both nodes count', async () => {
    const { a, b, member } = nodes
    const crowd = await Promise.all(
      Array.from({ length: 16 }, (_, i) => member(i % 2 ? a : b, `Crowd ${i}`, 'crowd')),
    )
    const { seq } = await crowd[0]!.ask('send', send('how many?', 'crowd'))
    await Promise.all(
      crowd.map(client =>
        client.ask('react', { room: 'crowd', cid: send('').cid, seq, emoji: '👍', on: true }),
      ),
    )
    const { log } = await crowd[1]!.ask('history', { room: 'crowd', around: seq, limit: 1 })
    expect(log[0]?.fold?.reactions?.['👍']).toHaveLength(16)
  })

  test('a message is found by a search on the other node', async () => {
    const { a, b, member } = nodes
    const ann = await member(a, 'Ann 4', 'search')
    await ann.ask('send', send('the crème brûlée', 'search'))
    const bob = await member(b, 'Bob 4', 'search')
    const { hits } = await bob.ask('search', { q: 'brulee', room: 'search' })
    expect(hits).toMatchObject([{ room: 'search', user: { nick: 'Ann 4' } }])
  })
}

function signalTests(): void {
  test('members of both nodes are listed', async () => {
    const { a, b, member } = nodes
    const ann = await member(a, 'Ann 5', 'presence')
    const bob = await member(b, 'Bob 5', 'presence')
    await ann.push('presence', ({ join }) => join?.some(({ nick }) => nick === 'Bob 5') === true)
    const { members, count } = await ann.ask('who', { room: 'presence' })
    expect({ members: members?.map(({ nick }) => nick), count }).toEqual({
      members: ['Ann 5', 'Bob 5'],
      count: 2,
    })
    await bob.ask('leave', { room: 'presence' })
    await ann.push('presence', ({ part }) => part?.includes(bob.hello.user!.id) === true)
  })

  test('typing and read positions reach the other node', async () => {
    const { a, b, member, connect } = nodes
    const ann = await member(a, 'Ann 6', 'typing')
    const bob = await member(b, 'Bob 6', 'typing')
    ann.say({ t: 'typing', room: 'typing', on: true })
    expect(await bob.push('typing')).toMatchObject({ user: { nick: 'Ann 6' }, on: true })
    const { seq } = await bob.ask('send', send('read this', 'typing'))
    const elsewhere = await connect(b)
    await elsewhere.ask('hello', { v: 1, token: ann.hello.token! })
    await elsewhere.ask('join', { room: 'typing' })
    await ann.until(() => ann.log('typing').includes(seq))
    ann.say({ t: 'read', room: 'typing', seq })
    expect(await elsewhere.push('read')).toMatchObject({ room: 'typing', seq })
  })
}

function accountTests(): void {
  test('accounts, new names and the end of sessions apply on both nodes', async () => {
    const { a, b, member, connect } = nodes
    const ann = await member(a, 'Ann 7')
    const { token } = await ann.ask('auth', { op: 'register', password: 'correct horse' })
    const other = await connect(b)
    await other.ask('hello', { v: 1, token: token! })
    await other.ask('join', { room: 'lobby' })
    await ann.ask('auth', { op: 'nick', nick: 'Anna 7' })
    await other.push('presence', ({ join }) => join?.some(({ nick }) => nick === 'Anna 7') === true)
    await other.ask('send', send('by my new name'))
    await ann.push('entry', ({ user }) => user.nick === 'Anna 7')
    await ann.ask('auth', { op: 'logout' })
    expect(await other.closed).toMatchObject({ code: 4501 })
    const back = await connect(b)
    await back.ask('hello', { v: 1 })
    await back.ask('auth', { op: 'login', nick: 'anna 7', password: 'correct horse' })
  })

  test('attempts to sign in are counted on both nodes together', async () => {
    const { a, b, connect } = nodes
    const codes: string[] = []
    for (let i = 0; i < 12; i++) {
      const client = await connect(i % 2 ? a : b)
      await client.ask('hello', { v: 1 })
      codes.push((await client.refusal('auth', { op: 'login', nick: 'Mallory', password: 'guess' })).code)
    }
    expect(codes.slice(0, 10)).toEqual(Array(10).fill('unauthorized'))
    expect(codes.slice(10)).toEqual(['rate_limited', 'rate_limited'])
  })
}

function moderationTests(): void {
  test('a ban from the lobby on one node closes connections to the other, without members there', async () => {
    await using fresh = await startNodes([])
    const { a, b, member, connect } = fresh
    const root = await connect(a)
    await root.ask('hello', { v: 1 })
    await root.ask('auth', { op: 'register', nick: 'Root', password: 'correct horse' })
    await changeAdmin({
      op: 'add',
      nick: 'Root',
      store: { kind: 'redis', address: readRedisAddress(fresh.redis.url)! },
    })
    await root.push('notice')
    await root.ask('join', { room: 'lobby' })
    const eve = await member(b, 'Eve', 'cellar')
    await root.ask('mod', { room: 'lobby', op: 'ban', user: eve.hello.user!.id })
    expect(await eve.closed).toMatchObject({ code: 4503 })
    const again = await connect(a)
    expect(await again.refusal('hello', { v: 1, token: eve.hello.token! })).toMatchObject({
      code: 'forbidden',
    })
  })

  test('a removal and a lock on one node apply on the other', async () => {
    const { a, b, member } = nodes
    const owner = await member(a, 'Owner', 'den')
    const eve = await member(b, 'Eve 2', 'den')
    await owner.ask('mod', { room: 'den', op: 'kick', user: eve.hello.user!.id })
    expect(await eve.push('notice')).toMatchObject({ msg: 'You were removed from den' })
    await eve.ask('join', { room: 'den' })
    const { seq } = await owner.ask('mod', { room: 'den', op: 'lock' })
    await eve.until(() => eve.log('den').includes(seq))
    expect(await eve.refusal('send', send('x', 'den'))).toMatchObject({ code: 'forbidden' })
  })
}
