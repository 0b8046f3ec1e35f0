// Bans, kicks, mutes and locks that fall between the check of a request and its effect.

import { withRedis } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Request } from '../../src/wire/messages.ts'
import { nextCid } from '../chat/start.ts'
import type { TestClient } from '../client.ts'
import { type EngineKind, MEMORY, REDIS, SQLITE, startRedis, stopRedis } from '../engine/kinds.ts'
import { again, type Guest, type HeldChat, startHeld } from './held-chats.ts'
import type { Moment } from './held-engine.ts'

/** Milliseconds for a test with many rounds, on a busy machine. */
const LOOP_TIMEOUT = 120_000

describe.each([MEMORY, SQLITE])('on $name', oneNode)

withRedis(describe)('on Redis', () => {
  beforeAll(startRedis)
  afterAll(stopRedis)
  describe('one node', () => oneNode(REDIS))
  describe('two nodes', twoNodes)
})

const room = 'den'
const send = (body = 'x') => ({ room, cid: nextCid(), body })
const idOf = (guest: Guest) => guest.hello.user!.id

/** The result of a request during which something else happens. */
async function between<Result>(
  chat: HeldChat,
  moment: Moment,
  asked: () => Promise<Result>,
  happens: () => Promise<unknown>,
): Promise<Result> {
  const hold = chat.hold(moment)
  const result = asked()
  result.catch(() => {})
  await hold.arrived
  await happens()
  hold.release()
  return result
}

/** A user outside a room receives, reads, writes and finds nothing there. */
async function expectOut(client: TestClient, owner: TestClient, chat: HeldChat): Promise<void> {
  const heard = client.pushes.length
  await owner.ask('send', send('secretword'))
  expect(await client.refusal('send', send())).toMatchObject({ code: 'forbidden' })
  expect(await client.refusal('history', { room })).toMatchObject({ code: 'forbidden' })
  expect(await client.refusal('search', { q: 'secretword', room })).toMatchObject({ code: 'forbidden' })
  expect((await client.ask('search', { q: 'secretword' })).hits).toEqual([])
  expect(client.pushes.slice(heard).filter(push => 'room' in push && push.room === room)).toEqual([])
  expect((await owner.ask('who', { room })).count).toBe(1)
  const { rooms } = await (await chat.connect()).ask('hello', { v: 1, token: (client as Guest).hello.token! })
  expect(rooms.map(({ room: name }) => name)).not.toContain(room)
}

/** The points at which a join waits for the store. */
const JOINING: readonly Moment[] = [
  ['before', 'accounts.enter'],
  ['after', 'accounts.enter'],
  ['after', 'tops'],
  ['before', 'presence.here'],
  ['after', 'presence.here'],
  ['after', 'accounts.memberships'],
  ['after', 'room'],
]

/** The points at which a hello with a token waits for the store. */
const SAYING_HELLO: readonly Moment[] = [
  ['after', 'accounts.session'],
  ['after', 'room'],
  ['after', 'accounts.renewSession'],
  ['after', 'tops'],
  ['after', 'presence.here'],
  ['after', 'accounts.memberships'],
]

/** The points at which a login waits for the store. */
const LOGGING_IN: readonly Moment[] = [
  ['after', 'accounts.byNick'],
  ['after', 'accounts.openSession'],
  ['after', 'room'],
]

function oneNode(kind: EngineKind): void {
  test.each(JOINING)('a ban %s a join has asked for %s keeps the user out', async (when, operation) => {
    await using chats = await startHeld(kind)
    const { a } = chats
    const owner = await a.member('Owner', room)
    const eve = await a.guest('Eve')
    const join = () => eve.refusal('join', { room })
    const ban = () => owner.ask('mod', { room, op: 'ban', user: idOf(eve) })
    expect(await between(a, [when, operation], join, ban)).toMatchObject({ code: 'forbidden' })
    await expectOut(eve, owner, a)
    expect(await eve.refusal('join', { room })).toMatchObject({ code: 'forbidden' })
  })

  test.each(JOINING)('a kick %s a join has asked for %s leaves the user out', async (when, operation) => {
    await using chats = await startHeld(kind)
    const { a } = chats
    const owner = await a.member('Owner', room)
    const eve = await a.guest('Eve')
    const join = () => eve.refusal('join', { room })
    const kick = () => owner.ask('mod', { room, op: 'kick', user: idOf(eve) })
    expect(await between(a, [when, operation], join, kick)).toMatchObject({ code: 'forbidden' })
    await expectOut(eve, owner, a)
    await eve.ask('join', { room })
  })

  test.each(SAYING_HELLO)(
    'a ban from the lobby %s a hello has asked for %s closes the connection',
    async (when, operation) => {
      await using chats = await startHeld(kind)
      const { a } = chats
      const root = await chats.root()
      const eve = await a.member('Eve', room)
      const { epoch } = await eve.ask('join', { room: 'lobby' })
      const late = await a.connect()
      const resume = { lobby: [epoch, 0], [room]: ['x', 0] } as const
      const hello = () =>
        Promise.allSettled([late.ask('hello', { v: 1, token: eve.hello.token!, resume }), late.closed])
      const ban = () => root.ask('mod', { room: 'lobby', op: 'ban', user: idOf(eve) })
      await between(a, [when, operation], hello, ban)
      for (const client of [late, eve]) expect(await client.closed).toMatchObject({ code: 4503 })
      await expect.poll(() => a.chat.stats()).toMatchObject({ users: 1, connections: 1 })
      for (const name of ['lobby', room])
        await expect
          .poll(async () => (await a.engine.presence.members(name, 9)).members.map(({ nick }) => nick))
          .not.toContain('Eve')
      expect(await a.engine.accounts.memberships(idOf(eve))).toEqual(new Map())
      const back = await a.connect()
      expect(await back.refusal('hello', { v: 1, token: eve.hello.token! })).toMatchObject({
        code: 'forbidden',
      })
      expect(await back.closed).toMatchObject({ code: 4503 })
    },
  )

  test.each(LOGGING_IN)(
    'a ban from the lobby %s a login has asked for %s closes the connection',
    async (when, operation) => {
      await using chats = await startHeld(kind)
      const { a } = chats
      const root = await chats.root()
      const eve = await a.guest('Eve')
      const password = 'battery staple'
      await eve.ask('auth', { op: 'register', password })
      const late = await a.connect()
      await late.ask('hello', { v: 1 })
      const login = () => late.refusal('auth', { op: 'login', nick: 'Eve', password })
      const ban = () => root.ask('mod', { room: 'lobby', op: 'ban', user: idOf(eve) })
      expect(await between(a, [when, operation], login, ban)).toMatchObject({ code: 'forbidden' })
      expect(await late.closed).toMatchObject({ code: 4503 })
    },
  )

  /** Each with where it waits for the store. */
  const writes = (seq: number) =>
    [
      [['before', 'publish'], 'send', send()],
      [['after', 'entry'], 'send', { ...send(), reply: seq }],
      [['after', 'entry'], 'edit', { ...send('changed'), seq }],
      [['before', 'publish'], 'edit', { ...send('changed'), seq }],
      [['after', 'entry'], 'react', { room, cid: nextCid(), seq, emoji: '👍', on: true }],
      [['before', 'publish'], 'react', { room, cid: nextCid(), seq, emoji: '👍', on: true }],
      [['before', 'publish'], 'topic', { room, cid: nextCid(), topic: 'x' }],
      [['after', 'entry'], 'del', { room, cid: nextCid(), seq }],
      [['before', 'publish'], 'del', { room, cid: nextCid(), seq }],
    ] as const satisfies readonly (readonly [Moment, Request['t'], object])[]

  test.each(['ban', 'mute', 'lock'] as const)(
    'nothing is stored after a %s, even if it was in progress',
    async op => {
      await using chats = await startHeld(kind)
      const { a } = chats
      const owner = await a.member('Owner', room)
      for (const index of writes(1).keys()) {
        const eve = await a.member(`Eve ${index}`, room)
        const { seq } = await eve.ask('send', send('mine'))
        const [moment, t, fields] = writes(seq)[index]!
        const write = () => eve.refusal(t, fields as never)
        const user = idOf(eve)
        const forbid = () => owner.ask('mod', { room, op, ...(op !== 'lock' && { user }) })
        const deletes = t === 'del' && op !== 'ban'
        if (deletes) await between(a, moment, () => eve.ask('del', fields), forbid)
        else
          expect(await between(a, moment, write, forbid), `${moment} ${t}`).toMatchObject({
            code: 'forbidden',
          })
        const { log } = await owner.ask('history', { room, after: seq })
        expect(log.map(entry => entry.user.nick)).toEqual(['Owner', ...(deletes ? [`Eve ${index}`] : [])])
        if (op === 'lock') await owner.ask('mod', { room, op, on: false })
      }
    },
  )

  test('a moderation by an owner who is banned in the meantime is not stored', async () => {
    await using chats = await startHeld(kind)
    const { a } = chats
    const owner = await a.member('Owner', room)
    const bob = await a.member('Bob', room)
    const root = await chats.root()
    await root.ask('join', { room })
    for (const moment of [
      ['after', 'accounts.byId'],
      ['before', 'publish'],
    ] as const) {
      const kick = () => owner.refusal('mod', { room, op: 'kick', user: idOf(bob) })
      const ban = () => root.ask('mod', { room, op: 'ban', user: idOf(owner) })
      // The first publish, or reading of an account, from here on is the owner's.
      expect(await between(a, moment, kick, ban)).toMatchObject({ code: 'forbidden' })
      await root.ask('mod', { room, op: 'unban', user: idOf(owner) })
      await owner.ask('join', { room })
    }
    expect((await root.ask('who', { room })).count).toBe(3)
  })

  test.each([
    ['history', 'history', { room }],
    ['search', 'search', { room, q: 'secretword' }],
    ['who', 'presence.members', { room }],
  ] as const)(
    '%s is not answered to a user who is banned before the answer',
    async (t, operation, fields) => {
      await using chats = await startHeld(kind)
      const { a } = chats
      const owner = await a.member('Owner', room)
      const eve = await a.member('Eve', room)
      await owner.ask('send', send('secretword'))
      const ask = () => eve.refusal(t, fields)
      const ban = () => owner.ask('mod', { room, op: 'ban', user: idOf(eve) })
      expect(await between(a, ['after', operation], ask, ban)).toMatchObject({ code: 'forbidden' })
    },
  )

  test.each([
    ['before', 'search'],
    ['after', 'search'],
    ['before', 'accounts.memberships'],
  ] as const)(
    'a search is not answered once its user has signed out, %s it has asked for %s',
    async (...moment) => {
      await using chats = await startHeld(kind)
      const { a } = chats
      const ann = await a.member('Ann', room)
      await ann.ask('send', send('secretword'))
      const search = () => ann.refusal('search', { q: 'secretword' })
      const signOut = () => ann.ask('auth', { op: 'logout' })
      expect(await between(a, moment, search, signOut)).toMatchObject({ code: 'unauthorized' })
      expect(ann.socket.readyState).toBe(1)
    },
  )

  test('a search of all rooms finds nothing in a room from which its user is banned before its answer', async () => {
    await using chats = await startHeld(kind)
    const { a } = chats
    const owner = await a.member('Owner', room)
    const eve = await a.member('Eve', room)
    await owner.ask('send', send('secretword'))
    const search = () => eve.ask('search', { q: 'secretword' })
    const ban = () => owner.ask('mod', { room, op: 'ban', user: idOf(eve) })
    expect((await search()).hits).toHaveLength(1)
    expect((await between(a, ['after', 'search'], search, ban)).hits).toEqual([])
  })

  test.each(['lobby', room])(
    'a ban from %s that was missed, because it is no longer kept, is enforced',
    async name => {
      await using chats = await startHeld(kind, 1, {}, { keep: 3 })
      const { a } = chats
      const root = await chats.root()
      await root.ask('join', { room, create: true })
      const eve = await a.member('Eve', room)
      await eve.ask('join', { room: 'lobby' })
      a.holdHints()
      await root.ask('mod', { room: name, op: 'ban', user: idOf(eve) })
      for (let i = 0; i < 9; i++) await root.ask('send', { ...send(), room: name })
      a.dropHints()
      await root.ask('send', { ...send(), room: name })
      if (name === 'lobby') expect(await eve.closed).toMatchObject({ code: 4503 })
      else {
        expect(await eve.push('notice')).toMatchObject({ msg: "You're banned from den." })
        await expectOut(eve, root, a)
      }
    },
  )

  test(
    '16 connections of a banned user that join in a loop are out, 8 times',
    async () => {
      await using chats = await startHeld(kind)
      for (let round = 0; round < 8; round++) await joinWhileBanned(chats.a, chats.b, `den-${round}`)
    },
    LOOP_TIMEOUT,
  )

  test(
    '16 connections of a banned user that say hello in a loop are closed, 6 times',
    async () => {
      await using chats = await startHeld(kind)
      const root = await chats.root()
      for (let round = 0; round < 6; round++) await helloWhileBanned(chats.a, chats.b, root, round)
    },
    LOOP_TIMEOUT,
  )
}

function twoNodes(): void {
  test('bans, mutes and locks apply on a node that has not heard of them, and so do bans from the lobby', async () => {
    await using chats = await startHeld(REDIS, 2)
    const { a, b } = chats
    const root = await chats.root()
    const owner = await a.member('Owner', room)
    for (const op of ['ban', 'mute', 'lock', 'ban from the lobby'] as const) {
      const eve = await b.member(`Eve ${op}`, room)
      const { seq } = await eve.ask('send', send('mine'))
      await eve.until(() => eve.log(room).includes(seq))
      b.holdHints()
      const user = idOf(eve)
      if (op === 'ban from the lobby') await root.ask('mod', { room: 'lobby', op: 'ban', user })
      else await owner.ask('mod', { room, op, ...(op !== 'lock' && { user }) })
      const about = () => ({ room, cid: nextCid(), seq })
      const writes = [
        () => eve.refusal('send', send()),
        () => eve.refusal('edit', { ...about(), body: 'changed' }),
        () => eve.refusal('react', { ...about(), emoji: '👍', on: true }),
        () => eve.refusal('topic', { room, cid: nextCid(), topic: 'x' }),
      ]
      if (op === 'ban from the lobby') {
        // The first one that is refused ends the connection.
        expect(await eve.refusal('send', send())).toMatchObject({ code: 'forbidden' })
        expect(await eve.closed).toMatchObject({ code: 4503 })
      } else for (const write of writes) expect(await write()).toMatchObject({ code: 'forbidden' })
      if (op === 'ban') {
        expect(await eve.refusal('del', about())).toMatchObject({ code: 'forbidden' })
        expect(await eve.refusal('join', { room })).toMatchObject({ code: 'forbidden' })
      }
      if (op === 'ban from the lobby') {
        const back = await b.connect()
        expect(await back.refusal('hello', { v: 1, token: eve.hello.token! })).toMatchObject({
          code: 'forbidden',
        })
      }
      const { log } = await owner.ask('history', { room, after: seq })
      expect(log.filter(entry => entry.user.id === user)).toEqual([])
      b.releaseHints()
      if (op === 'lock') await owner.ask('mod', { room, op, on: false })
    }
  })

  test('a node that has not heard of a ban sends no entries after it, live or from the log', async () => {
    await using chats = await startHeld(REDIS, 2)
    const { a, b } = chats
    const owner = await a.member('Owner', room)
    const eve = await b.member('Eve', room)
    const { seq, epoch } = await owner.ask('send', send('before'))
    await eve.until(() => eve.log(room).includes(seq))
    const late = await b.connect()
    const reading = b.hold(['before', 'history'])
    await late.ask('hello', { v: 1, token: eve.hello.token!, resume: { [room]: [epoch, 0] } })
    await reading.arrived
    b.holdHints()
    const ban = await owner.ask('mod', { room, op: 'ban', user: idOf(eve) })
    await owner.ask('send', send('after'))
    reading.release()
    await late.push('sync')
    b.releaseHints()
    await late.push('notice')
    for (const client of [eve, late])
      for (const at of client.log(room)) expect(at).toBeLessThanOrEqual(ban.seq)
  })

  test('a user who is banned from the lobby on one node is present on neither', async () => {
    await using chats = await startHeld(REDIS, 2)
    const { a, b } = chats
    const root = await chats.root()
    const owner = await a.member('Owner', room)
    const eve = await b.member('Eve', room)
    const gone = await b.member('Eve, who has just closed', room)
    await gone.leave()
    for (const guest of [eve, gone]) await root.ask('mod', { room: 'lobby', op: 'ban', user: idOf(guest) })
    expect(await eve.closed).toMatchObject({ code: 4503 })
    await expect
      .poll(async () => (await owner.ask('who', { room })).members)
      .toMatchObject([{ nick: 'Owner' }])
    for (const guest of [eve, gone])
      expect(await a.engine.accounts.memberships(idOf(guest))).toEqual(new Map())
  })

  test(
    '16 connections to both nodes of a banned user that join in a loop are out, 8 times',
    async () => {
      await using chats = await startHeld(REDIS, 2)
      for (let round = 0; round < 8; round++) await joinWhileBanned(chats.a, chats.b, `den-${round}`)
    },
    LOOP_TIMEOUT,
  )

  test(
    '16 connections to both nodes of a banned user that say hello in a loop are closed, 6 times',
    async () => {
      await using chats = await startHeld(REDIS, 2)
      const root = await chats.root()
      for (let round = 0; round < 6; round++) await helloWhileBanned(chats.a, chats.b, root, round)
    },
    LOOP_TIMEOUT,
  )
}

async function joinWhileBanned(a: HeldChat, b: HeldChat, den: string): Promise<void> {
  const owner = await a.member(`Owner of ${den}`, den)
  const eve = await b.guest(`Eve of ${den}`)
  const eves: TestClient[] = [eve]
  for (let i = 1; i < 16; i++) eves.push(await again(i % 2 ? a : b, eve))
  const busy = Promise.withResolvers<void>()
  let isBanned = false
  let joined = 0
  const joining = eves.map(async client => {
    // Within the request rate of a connection.
    for (let i = 0; i < 30 && !(isBanned && i % 5 === 0); i++) {
      await client.ask('join', { room: den }).then(
        () => ++joined === 30 && busy.resolve(),
        () => {},
      )
    }
  })
  await busy.promise
  await owner.ask('mod', { room: den, op: 'ban', user: idOf(eve) })
  isBanned = true
  await Promise.all(joining)
  const { seq } = await owner.ask('send', { room: den, cid: nextCid(), body: 'secretword' })
  await owner.until(() => owner.log(den).includes(seq))
  for (const client of eves) {
    expect(await client.refusal('send', { room: den, cid: nextCid(), body: 'x' })).toMatchObject({
      code: 'forbidden',
    })
    expect(client.log(den)).not.toContain(seq)
  }
  expect((await eve.ask('search', { q: 'secretword' })).hits).toEqual([])
  await expect.poll(async () => (await owner.ask('who', { room: den })).count).toBe(1)
}

async function helloWhileBanned(a: HeldChat, b: HeldChat, root: TestClient, round: number): Promise<void> {
  const eve = await b.member(`Eve ${round}`)
  const tried: TestClient[] = []
  const busy = Promise.withResolvers<void>()
  let isBanned = false
  const greeting = Array.from({ length: 16 }, async (_, i) => {
    for (let after = 0; after < 3; after += Number(isBanned)) {
      const client = await (i % 2 ? a : b).connect()
      if (tried.push(client) === 40) busy.resolve()
      const hello = { v: 1, token: eve.hello.token!, resume: { lobby: ['x', 0] } } as const
      await client.ask('hello', hello).catch(() => {})
    }
  })
  await busy.promise
  await root.ask('mod', { room: 'lobby', op: 'ban', user: idOf(eve) })
  isBanned = true
  await Promise.all(greeting)
  for (const client of [eve, ...tried]) expect(await client.closed).toMatchObject({ code: 4503 })
  expect(await a.engine.accounts.memberships(idOf(eve))).toEqual(new Map())
}
