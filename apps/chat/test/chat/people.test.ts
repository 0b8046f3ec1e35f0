// Presence, typing, moderation and accounts.

import { describe, expect, test } from 'vitest'
import { hashPassword } from '../../src/accounts/password.ts'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { nextCid, startChat } from './start.ts'

const QUICK = { presence: 20, grace: 60, typing: 100, typed: 150 }

describe('presence', () => {
  test('counts a user once for all windows', async () => {
    await using started = await startChat({ times: QUICK })
    const ann = await started.member('Ann')
    const second = await started.connect()
    await second.ask('hello', { v: 1, token: ann.hello.token! })
    expect(await second.ask('join', { room: 'lobby' })).toMatchObject({ members: 1 })
    const bob = await started.member('Bob')
    await ann.push('presence', ({ count }) => count === 2)
    expect((await bob.ask('who', { room: 'lobby' })).members.map(({ nick }) => nick)).toEqual(['Ann', 'Bob'])
    await second.leave()
    await bob.leave()
    await ann.push('presence', ({ part }) => part?.includes(bob.hello.user!.id) === true)
    expect(await ann.ask('who', { room: 'lobby' })).toMatchObject({ count: 1, members: [{ nick: 'Ann' }] })
  })

  test('ignores a user who returns at once', async () => {
    await using started = await startChat({ times: { ...QUICK, grace: 5000 } })
    const ann = await started.member('Ann')
    const bob = await started.member('Bob')
    await ann.push('presence', ({ count }) => count === 2)
    await bob.leave()
    const again = await started.connect()
    await again.ask('hello', { v: 1, token: bob.hello.token! })
    await again.ask('join', { room: 'lobby' })
    const carl = await started.member('Carl')
    await ann.push('presence', ({ join }) => join?.some(({ nick }) => nick === 'Carl') === true)
    expect(ann.all('presence').some(({ part }) => part !== undefined)).toBe(false)
    await carl.ask('leave', { room: 'lobby' })
    await ann.push('presence', ({ part }) => part?.[0] === carl.hello.user!.id)
  })

  test('announces a new name', async () => {
    await using started = await startChat({ times: QUICK })
    const ann = await started.member('Ann')
    const bob = await started.member('Bob')
    expect(await bob.ask('auth', { op: 'nick', nick: 'Rob' })).toMatchObject({ user: { nick: 'Rob' } })
    await ann.push('presence', ({ join }) => join?.some(({ nick }) => nick === 'Rob') === true)
    expect(await bob.refusal('auth', { op: 'nick', nick: 'ann' })).toMatchObject({ code: 'exists' })
    await bob.ask('send', { room: 'lobby', cid: nextCid(), body: 'it is me' })
    expect(await ann.push('entry')).toMatchObject({ user: { id: bob.hello.user!.id, nick: 'Rob' } })
  })
})

test('above 200 members only their number is announced, and lists are cut at 200', async () => {
  await using started = await startChat({ times: QUICK })
  const crowd = Array.from({ length: 200 }, (_, i) => ({ id: `${i}`, nick: `Nick ${i}` }))
  await started.engine.presence.here('lobby', crowd)
  const ann = await started.guest('Ann')
  const joined = await ann.ask('join', { room: 'lobby' })
  expect(joined.members).toBe(201)
  expect(joined).not.toHaveProperty('here')
  const { count, members } = await ann.ask('who', { room: 'lobby' })
  expect([count, members.length]).toEqual([201, 200])
})

test('typing is sent to others, rarely, and ends by itself', async () => {
  await using started = await startChat({ times: QUICK })
  const ann = await started.member('Ann')
  const bob = await started.member('Bob')
  for (let i = 0; i < 5; i++) bob.say({ t: 'typing', room: 'lobby', on: true })
  await ann.push('typing', ({ on }) => !on)
  expect(ann.all('typing').map(({ on, user }) => [user.nick, on])).toEqual([
    ['Bob', true],
    ['Bob', false],
  ])
  expect(bob.all('typing')).toEqual([])
})

describe('moderation', () => {
  test('is for the owner and admins', async () => {
    await using started = await startChat()
    const owner = await started.member('Owner', 'garden')
    const ann = await started.member('Ann', 'garden')
    const user = owner.hello.user!.id
    expect(await ann.refusal('mod', { room: 'garden', op: 'kick', user })).toMatchObject({
      code: 'forbidden',
    })
    const nobody = { room: 'garden', op: 'kick', user: 'nobody' } as const
    expect(await owner.refusal('mod', nobody)).toMatchObject({ code: 'not_found' })
  })

  test('is refused against oneself', async () => {
    await using started = await startChat({ admins: ['Root'] })
    const root = await started.member('Root', 'garden')
    await root.ask('auth', { op: 'register', password: 'long enough' })
    await root.ask('join', { room: 'lobby' })
    const user = root.hello.user!.id
    for (const room of ['garden', 'lobby'])
      for (const op of ['kick', 'ban', 'mute'] as const)
        expect(await root.refusal('mod', { room, op, user })).toMatchObject({
          code: 'forbidden',
          msg: "You can't do that to yourself.",
        })
  })

  test('a topic is removed by the owner and admins only', async () => {
    await using started = await startChat()
    const owner = await started.member('Owner', 'garden')
    const ann = await started.member('Ann', 'garden')
    const topic = (text: string) => ({ room: 'garden', cid: nextCid(), topic: text })
    await ann.ask('topic', topic('Plants'))
    for (const text of ['', ' \u200B'])
      expect(await ann.refusal('topic', topic(text))).toMatchObject({ code: 'forbidden' })
    expect(await ann.ask('join', { room: 'garden' })).toMatchObject({ topic: 'Plants' })
    await owner.ask('topic', topic(''))
    expect(await ann.ask('join', { room: 'garden' })).toMatchObject({ topic: '' })
  })

  test('removal ends the membership, and a ban prevents joining again', async () => {
    await using started = await startChat()
    const owner = await started.member('Owner', 'garden')
    const ann = await started.member('Ann', 'garden')
    const user = ann.hello.user!.id
    await owner.ask('mod', { room: 'garden', op: 'kick', user, why: 'noise' })
    expect(await ann.push('entry')).toMatchObject({ kind: 'mod', data: { op: 'kick', user: { id: user } } })
    expect(await ann.push('notice')).toMatchObject({ msg: 'You were removed from garden: noise' })
    expect(await ann.refusal('history', { room: 'garden' })).toMatchObject({ code: 'forbidden' })
    await ann.ask('join', { room: 'garden' })
    await owner.ask('mod', { room: 'garden', op: 'ban', user })
    expect(await ann.refusal('join', { room: 'garden' })).toMatchObject({ code: 'forbidden' })
    await owner.ask('mod', { room: 'garden', op: 'unban', user })
    await ann.ask('join', { room: 'garden' })
  })

  test('4502 and 4503: removal from the lobby is removal from the chat', async () => {
    await using started = await startChat({ admins: ['Root'] })
    const root = await started.member('Root')
    const { user } = await root.ask('auth', { op: 'register', password: 'long enough' })
    expect(user).toMatchObject({ admin: true, guest: false })
    const ann = await started.member('Ann')
    const id = ann.hello.user!.id
    await root.ask('mod', { room: 'lobby', op: 'kick', user: id })
    expect(await ann.closed).toMatchObject({ code: 4502 })
    expect(ann.all('bye')).toMatchObject([{ code: 4502, reconnect: false }])
    const back = await started.connect()
    await back.ask('hello', { v: 1, token: ann.hello.token! })
    await root.ask('mod', { room: 'lobby', op: 'ban', user: id })
    expect(await back.closed).toMatchObject({ code: 4503 })
    const again = await started.connect()
    const refusal = await again.refusal('hello', { v: 1, token: ann.hello.token! })
    expect(refusal).toMatchObject({ code: 'forbidden' })
    expect(await again.closed).toMatchObject({ code: 4503 })
  })

  test('a mute ends with its time', async () => {
    let now = 1_000_000
    const clock = () => now
    await using started = await startChat({ now: clock, engine: new MemoryEngine({ now: clock }) })
    const owner = await started.member('Owner', 'garden')
    const ann = await started.member('Ann', 'garden')
    await owner.ask('mod', { room: 'garden', op: 'mute', user: ann.hello.user!.id, secs: 60 })
    const send = () => ({ room: 'garden', cid: nextCid(), body: 'x' })
    expect(await ann.refusal('send', send())).toMatchObject({
      code: 'forbidden',
      msg: "You're muted here for another 60 seconds.",
    })
    now += 60_000
    await ann.ask('send', send())
  })

  test('slow mode allows one message per interval, and retries', async () => {
    let now = 1_000_000
    const clock = () => now
    await using started = await startChat({ now: clock, engine: new MemoryEngine({ now: clock }) })
    const owner = await started.member('Owner', 'garden')
    const ann = await started.member('Ann', 'garden')
    await owner.ask('mod', { room: 'garden', op: 'slow', secs: 30 })
    const first = { room: 'garden', cid: nextCid(), body: 'x' }
    await ann.ask('send', first)
    expect(await ann.ask('send', first)).toMatchObject({ dup: true })
    const next = { ...first, cid: nextCid() }
    expect(await ann.refusal('send', next)).toMatchObject({ code: 'rate_limited', retry: 30_000 })
    await owner.ask('send', next)
    now += 30_000
    await ann.ask('send', { ...next, cid: nextCid() })
  })
})

describe('accounts', () => {
  test('a guest who registers keeps the id, signs in elsewhere, and signs out everywhere', async () => {
    await using started = await startChat()
    const ann = await started.member('Ann')
    const password = 'correct horse'
    expect(await ann.refusal('auth', { op: 'register', password: 'short' })).toMatchObject({
      code: 'bad_request',
    })
    const { user } = await ann.ask('auth', { op: 'register', password })
    expect(user).toEqual({ ...ann.hello.user, guest: false })
    const other = await started.guest('Somebody')
    const wrong = { op: 'login', nick: 'Ann', password: 'wrong horse' } as const
    expect(await other.refusal('auth', wrong)).toMatchObject({ code: 'unauthorized' })
    expect(await other.refusal('auth', { ...wrong, nick: 'Nobody' })).toMatchObject({ code: 'unauthorized' })
    const login = await other.ask('auth', { op: 'login', nick: 'ann', password })
    expect(login.user).toEqual(user)
    const window = await started.connect()
    await window.ask('hello', { v: 1, token: login.token! })
    await other.ask('auth', { op: 'logout' })
    expect(await window.closed).toMatchObject({ code: 4501 })
    expect(await other.refusal('join', { room: 'lobby' })).toMatchObject({ code: 'unauthorized' })
    expect(ann.socket.readyState).toBe(1)
  })

  test('an account whose name is no longer valid can sign in', async () => {
    await using started = await startChat()
    const nick = 'Ann\u2800'
    const password = 'correct horse'
    const account = { id: 'old', nick, guest: false, password: await hashPassword(password) }
    await started.engine.accounts.create(account)
    const client = await started.connect()
    await client.ask('hello', { v: 1 })
    const { user } = await client.ask('auth', { op: 'login', nick: ` ${nick} `, password })
    expect(user).toMatchObject({ id: 'old', nick })
  })

  test('all spellings of a name share ten attempts to sign in', async () => {
    await using started = await startChat()
    const clients = await Promise.all([started.guest('One')])
    const login = { op: 'login', nick: 'Nobody', password: 'x' } as const
    for (let i = 0; i < 10; i++) await clients[0]!.refusal('auth', login)
    expect(await clients[0]!.refusal('auth', login)).toMatchObject({ code: 'rate_limited', temporary: true })
  })
})
