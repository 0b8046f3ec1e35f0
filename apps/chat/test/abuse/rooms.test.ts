// Occupied rooms, removed rooms, and the list of rooms for users who are not signed in.

import { withRedis } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Request } from '../../src/wire/messages.ts'
import { nextCid } from '../chat/start.ts'
import type { TestClient } from '../client.ts'
import { type EngineKind, MEMORY, REDIS, SQLITE, startRedis, stopRedis } from '../engine/kinds.ts'
import { startHeld } from './held-chats.ts'
import type { Moment } from './held-engine.ts'
import { outcomeOf, tally, Visited } from './visitors.ts'

describe.each([MEMORY, SQLITE])('on $name', kind => {
  creationTests(kind)
  expiryTests(kind)
  removalTests(kind)
})

withRedis(describe)('on Redis, on two nodes', () => {
  beforeAll(startRedis)
  afterAll(stopRedis)
  creationTests(REDIS)
  expiryTests(REDIS)
  removalTests(REDIS)
  describe('a node that has not heard of a removal', unheardTests)
})

const FAST = { writeRate: { burst: 10_000, perSecond: 10_000 } }
const DAY = 24 * 3_600_000
const room = 'den'
const send = (name = room) => ({ room: name, cid: nextCid(), body: 'hi' })

function creationTests(kind: EngineKind): void {
  test('one address creates 20 rooms, then five an hour, and does not limit others', async () => {
    await using visited = await Visited.start(kind, FAST)
    const attackers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => visited.guest('192.0.2.1', `attacker ${i}`)),
    )
    const create = async () =>
      tally(
        await Promise.all(
          attackers.map((client, i) =>
            outcomeOf(client.ask('join', { room: `r-${visited.clock.time % DAY}-${i}`, create: true })),
          ),
        ),
      )
    expect(await create()).toEqual({ ok: 20, rate_limited: 20 })
    visited.clock.time += 3_600_000
    expect(await create()).toEqual({ ok: 5, rate_limited: 35 })
    const neighbor = await visited.guest('192.0.2.2', 'neighbor')
    await neighbor.ask('join', { room: 'tea', create: true })
    // Existing rooms can be joined.
    await attackers[0]!.ask('join', { room: 'tea', create: true })
    const refusal = await attackers[0]!.refusal('join', { room: 'another', create: true })
    expect(refusal).toMatchObject({ code: 'rate_limited', temporary: true })
    expect(refusal.msg).toMatch(/^Too many new rooms\. Try again in \d+ minutes\.$/)
    expect(refusal.retry).toBeGreaterThan(600_000)
  })

  test('a /64 counts as one address, and a /48 as four', async () => {
    await using visited = await Visited.start(kind, FAST)
    const create = async (name: string, addressOf: (i: number) => string) => {
      const clients = await Promise.all(
        Array.from({ length: 100 }, (_, i) => visited.guest(addressOf(i), `${name} ${i}`)),
      )
      const joins = clients.map((client, i) =>
        outcomeOf(client.ask('join', { room: `${name}-${i}`, create: true })),
      )
      return tally(await Promise.all(joins))
    }
    expect(await create('small', i => `2001:db8:1:2::${i}`)).toEqual({ ok: 20, rate_limited: 80 })
    expect(await create('large', i => `2001:db8:2:${i}::1`)).toEqual({ ok: 80, rate_limited: 20 })
  })

  test('a hundred users of one address who create the same room at once all join it', async () => {
    await using visited = await Visited.start(kind)
    const office = await Promise.all(
      Array.from({ length: 100 }, (_, i) => visited.guest('192.0.2.1', `person ${i}`)),
    )
    const joins = office.map(client => outcomeOf(client.ask('join', { room: 'general', create: true })))
    expect(tally(await Promise.all(joins))).toEqual({ ok: 100 })
  })
}

function expiryTests(kind: EngineKind): void {
  const times = { sweep: 20, beat: 20, grace: 1 }
  /** A connection may ask 20 times a second. */
  const POLL = { interval: 200, timeout: 15_000 }
  const names = async (client: TestClient) => (await client.ask('rooms', {})).rooms.map(info => info.room)

  test('unused rooms are removed after a day and can be created again', async () => {
    await using visited = await Visited.start(kind, { ...FAST, times: { ...times, directory: 0 } })
    const attacker = await visited.guest('192.0.2.1', 'attacker')
    for (let i = 0; i < 20; i++) await attacker.ask('join', { room: `empty-${i}`, create: true })
    await attacker.ask('topic', { room: 'empty-1', cid: nextCid(), topic: 'x' })
    await attacker.leave()
    const ann = await visited.guest('192.0.2.2', 'Ann')
    for (const name of ['written', 'deleted']) {
      await ann.ask('join', { room: name, create: true })
      await ann.ask('send', send(name))
      if (name === 'deleted') await ann.ask('del', { room: name, cid: nextCid(), seq: 2 })
      await ann.ask('leave', { room: name })
    }
    await visited.engine.createRoom('without-an-owner')
    visited.clock.time += DAY - 1
    await ann.ask('join', { room: 'young', create: true })
    await ann.ask('leave', { room: 'young' })
    expect(await names(ann)).toHaveLength(25)
    visited.clock.time += 1
    const kept = ['deleted', 'lobby', 'without-an-owner', 'written', 'young']
    await expect.poll(() => names(ann), POLL).toEqual(kept)
    visited.clock.time += DAY
    await expect.poll(() => names(ann), POLL).toEqual(['deleted', 'lobby', 'written'])
    expect(await ann.ask('join', { room: 'empty-1', create: true })).toMatchObject({ top: 1, topic: '' })
  })

  test('an unused room with a user in it is kept', async () => {
    await using visited = await Visited.start(kind, {
      ...FAST,
      times: { ...times, directory: 0, unused: 10_000 },
    })
    const [ann, ben] = [await visited.guest('192.0.2.1', 'Ann'), await visited.guest('192.0.2.1', 'Ben')]
    await ann.ask('join', { room: 'occupied', create: true })
    await ben.ask('join', { room: 'empty', create: true })
    await ben.ask('leave', { room: 'empty' })
    // Longer than that, and the store has not heard for too long that Ann is there.
    visited.clock.time += 20_000
    await expect.poll(() => names(ben), POLL).toEqual(['lobby', 'occupied'])
    await ann.ask('leave', { room: 'occupied' })
    await expect.poll(() => names(ben), POLL).toEqual(['lobby'])
  })

  test('a user who joins a room during its removal is told that it does not exist', async () => {
    await using chats = await startHeld(kind, kind === REDIS ? 2 : 1)
    const { a, b } = chats
    await (await a.member('Owner', room)).leave()
    const ann = await b.guest('Ann')
    const end = (await a.engine.tops([room])).get(room)!
    const hold = b.hold(['after', 'accounts.enter'])
    const joining = ann.refusal('join', { room })
    await hold.arrived
    expect(await a.engine.removeRoom(room, end)).toBe(true)
    hold.release()
    expect(await joining).toMatchObject({ code: 'not_found' })
    expect(await a.engine.accounts.memberships(ann.hello.user!.id)).toEqual(new Map())
  })
}

/** The points at which a join waits for the store. */
const JOINING: readonly Moment[] = [
  ['before', 'subscribe'],
  ['after', 'tops'],
  ['after', 'room'],
  ['after', 'history'],
  ['before', 'accounts.enter'],
  ['after', 'accounts.enter'],
  ['after', 'presence.here'],
  ['after', 'accounts.memberships'],
]

function removalTests(kind: EngineKind): void {
  const nodes = kind === REDIS ? 2 : 1

  test('a removed room loses its users and its log', async () => {
    await using chats = await startHeld(kind, nodes, { times: { directory: 0 } })
    const { a, b } = chats
    const root = await chats.root()
    const owner = await a.member('Owner', room)
    const ann = await b.member('Ann', room)
    const { epoch } = await ann.ask('send', send())
    await owner.ask('mod', { room, op: 'lock' })
    await root.ask('remove', { room })
    for (const client of [owner, ann]) {
      expect(await client.push('removed')).toEqual({ t: 'removed', room })
      expect(await client.refusal('send', send())).toMatchObject({ code: 'forbidden' })
      expect(await client.refusal('history', { room })).toMatchObject({ code: 'forbidden' })
      expect((await client.ask('search', { q: 'hi' })).hits).toEqual([])
      expect(await client.refusal('join', { room })).toMatchObject({ code: 'not_found' })
      expect((await client.ask('rooms', {})).rooms.map(info => info.room)).toEqual(['lobby'])
    }
    expect(await a.engine.accounts.memberships(ann.hello.user!.id)).toEqual(new Map())
    await expect.poll(async () => (await a.engine.presence.members(room, 9)).count).toBe(0)
    for (const { chat } of new Set([a, b]))
      await expect.poll(() => chat.stats().rooms).toBe(chat === a.chat ? 1 : 0)
    const again = await ann.ask('join', { room, create: true })
    expect(again).toMatchObject({ top: 1, read: 0, owner: ann.hello.user!.id, members: 1 })
    expect(again.epoch).not.toBe(epoch)
    await ann.ask('send', send())
    const late = await a.connect()
    await late.ask('hello', { v: 1, token: owner.hello.token!, resume: { [room]: [epoch, 3] } })
    expect(await late.push('sync')).toMatchObject({ room, epoch: again.epoch, ok: false, to: 2 })
    expect(a.chat.ready && b.chat.ready).toBe(true)
  })

  test('only admins remove rooms, but not the lobby or an unknown room', async () => {
    await using chats = await startHeld(kind)
    const { a } = chats
    const root = await chats.root()
    const owner = await a.member('Owner', room)
    expect(await owner.refusal('remove', { room })).toMatchObject({
      code: 'forbidden',
      msg: 'Only an admin can do that.',
    })
    expect(await root.refusal('remove', { room: 'lobby' })).toMatchObject({ code: 'forbidden' })
    expect(await root.refusal('remove', { room: 'nowhere' })).toMatchObject({ code: 'not_found' })
    await owner.ask('send', send())
  })

  test.each(JOINING)(
    'a room that is removed %s a join has asked for %s is not joined',
    async (when, operation) => {
      await using chats = await startHeld(kind)
      const { a } = chats
      const root = await chats.root()
      await a.engine.createRoom(room)
      const ann = await a.guest('Ann')
      const hold = a.hold([when, operation])
      const joining = ann.refusal('join', { room })
      await hold.arrived
      await root.ask('remove', { room })
      hold.release()
      const { code } = await joining
      expect(['not_found', 'forbidden']).toContain(code)
      expect(await a.engine.accounts.memberships(ann.hello.user!.id)).toEqual(new Map())
      await ann.ask('join', { room, create: true })
      const { seq } = await ann.ask('send', send())
      await ann.until(() => ann.log(room).includes(seq))
    },
  )

  test('a write in progress is refused when its room is removed', async () => {
    await using chats = await startHeld(kind)
    const { a } = chats
    const root = await chats.root()
    const ann = await a.member('Ann', room)
    const hold = a.hold(['before', 'publish'])
    const sending = ann.refusal('send', send())
    await hold.arrived
    await root.ask('remove', { room })
    hold.release()
    expect(await sending).toMatchObject({ code: 'not_found' })
  })
}

function unheardTests(): void {
  const setUp = async () => {
    const chats = await startHeld(REDIS, 2)
    const { a, b } = chats
    const root = await chats.root()
    const ann = await b.member('Ann', room)
    const { seq, epoch } = await ann.ask('send', send())
    await ann.until(() => ann.log(room).includes(seq))
    b.holdHints()
    await root.ask('remove', { room })
    return { chats, root, ann, a, b, epoch }
  }

  test('a removed room stores nothing, and cannot be joined', async () => {
    const { chats, ann, b } = await setUp()
    await using _ = chats
    expect(await ann.refusal('send', send())).toMatchObject({ code: 'not_found' })
    const bob = await b.guest('Bob')
    expect(await bob.refusal('join', { room })).toMatchObject({ code: 'not_found' })
    expect(await chats.a.engine.accounts.memberships(bob.hello.user!.id)).toEqual(new Map())
    b.releaseHints()
    expect(await ann.push('removed')).toMatchObject({ room })
  })

  test('does not confuse it with a new room of the same name', async () => {
    const { chats, ann, a, b, epoch } = await setUp()
    await using _ = chats
    const bob = await a.guest('Bob')
    const joined = await bob.ask('join', { room, create: true })
    await bob.ask('send', send())
    b.releaseHints()
    await ann.push('removed')
    expect(ann.log(room)).toHaveLength(1)
    const again = await ann.ask('join', { room, since: [epoch, 9] })
    expect(again.epoch).toBe(joined.epoch)
    expect(await ann.push('sync')).toMatchObject({ ok: false, epoch: joined.epoch })
    const { seq } = await bob.ask('send', send())
    await ann.push('entry', entry => entry.seq === seq)
  })
}

describe('before signing in', () => {
  /** One of each request, but those that signing in needs. */
  const REQUESTS: { readonly [T in Exclude<Request['t'], 'hello' | 'auth' | 'ping'>]: object } = {
    join: { room: 'lobby' },
    leave: { room: 'lobby' },
    remove: { room },
    send: send('lobby'),
    edit: { ...send('lobby'), seq: 1 },
    del: { room: 'lobby', cid: nextCid(), seq: 1 },
    react: { room: 'lobby', cid: nextCid(), seq: 1, emoji: '👍', on: true },
    topic: { room: 'lobby', cid: nextCid(), topic: 'x' },
    history: { room: 'lobby' },
    search: { q: 'hi' },
    mod: { room: 'lobby', op: 'lock' },
    who: { room: 'lobby' },
    rooms: {},
  }

  test.each(['guest', 'register'] as const)(
    'a chat for %ss reveals nothing before signing in',
    async auth => {
      await using visited = await Visited.start(MEMORY, { auth })
      await visited.engine.createRoom('secret')
      const stranger = await visited.connect('192.0.2.1')
      const refusals = async () => {
        for (const [t, fields] of Object.entries(REQUESTS))
          expect(await stranger.refusal(t as 'send', fields as never), t).toMatchObject({
            code: 'unauthorized',
          })
      }
      await refusals()
      const hello = await stranger.ask('hello', { v: 1, resume: { secret: ['x', 0], lobby: ['x', 0] } })
      expect(hello).toEqual({
        conn: expect.any(String),
        now: expect.any(Number),
        hb: 25_000,
        auth,
        limits: { frame: 16_384, body: 4000, rate: [5, 2], page: 100 },
        rooms: [],
      })
      await refusals()
      for (const t of ['read', 'typing']) stranger.say({ t, room: 'lobby', seq: 1, on: true })
      await stranger.ask('ping', {})
      expect([stranger.pushes, stranger.strays]).toEqual([[], []])
      await expect(outcomeOf(stranger.ask('auth', { op: 'nick', nick: 'x' }))).resolves.toBe('unauthorized')
      await expect(outcomeOf(stranger.ask('auth', { op: 'logout' }))).resolves.toBe('unauthorized')
    },
  )
})
