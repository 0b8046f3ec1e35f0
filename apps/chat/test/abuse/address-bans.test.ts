// Bans that include the address: a banned guest cannot return under another name.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { withRedis } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EngineKind, MEMORY, REDIS, SQLITE, startRedis, stopRedis } from '../engine/kinds.ts'
import { outcomeOf, PASSWORD, Visited } from './visitors.ts'

const HOUR = 3600
const EVIL = '203.0.113.9'

describe('on memory', () => banTests(MEMORY))
describe('on sqlite', () => banTests(SQLITE))
withRedis(describe)('on two nodes with a Redis', () => {
  beforeAll(startRedis)
  afterAll(stopRedis)
  banTests(REDIS)
})

/** A chat with an admin in the lobby, and a guest from a bad address. */
async function start(kind: EngineKind) {
  const visited = await Visited.start(kind)
  const { id } = await visited.account('Root')
  await visited.engine.accounts.setAdmin(id, true)
  const root = await visited.visit('192.0.2.1')
  await root.ask('auth', { op: 'login', nick: 'Root', password: PASSWORD })
  await root.ask('join', { room: 'lobby' })
  const eve = await visited.guest(EVIL, 'Eve')
  const user = eve.hello.user!.id
  const remembered = async () => (await visited.engine.accounts.addresses(user)).length > 0
  while (!(await remembered())) await nextTurn()
  return Object.assign(visited, { root, eve, user })
}

function banTests(kind: EngineKind): void {
  test('guests cannot join or register from a banned address under another name until the ban is over', async () => {
    await using visited = await start(kind)
    const { root, eve, user, clock } = visited
    await visited.account('Ann')
    await root.ask('mod', { room: 'lobby', op: 'ban', user, secs: HOUR, address: true })
    expect(await eve.closed).toMatchObject({ code: 4503 })
    const again = await visited.connect(EVIL)
    expect(await again.refusal('hello', { v: 1, nick: 'Mallory' })).toMatchObject({
      code: 'forbidden',
      msg: 'Guests from your address are banned from this chat for another 60 minutes. Sign in if you have an account.',
    })
    await again.ask('hello', { v: 1 })
    const register = again.ask('auth', { op: 'register', nick: 'Mallory', password: PASSWORD })
    expect(await outcomeOf(register)).toBe('forbidden')
    expect(await visited.signIn(EVIL, 'Ann')).toBe('ok')
    await visited.guest('203.0.113.10', 'Bob')
    clock.time += HOUR * 1000
    await visited.guest(EVIL, 'Mallory')
  })

  test('the ban of an address is over after 7 days, and ends with the ban of the user', async () => {
    await using visited = await start(kind)
    const { root, user, clock } = visited
    const come = async (nick: string) => outcomeOf(visited.guest(EVIL, nick))
    await root.ask('mod', { room: 'lobby', op: 'ban', user, address: true })
    expect(await come('Mallory')).toBe('forbidden')
    await root.ask('mod', { room: 'lobby', op: 'unban', user })
    expect(await come('Mallory')).toBe('ok')
    await root.ask('mod', { room: 'lobby', op: 'ban', user, address: true })
    clock.time += 7 * 24 * HOUR * 1000 - 1
    expect(await come('Mallory 2')).toBe('forbidden')
    clock.time += 1
    expect(await come('Mallory 2')).toBe('ok')
  })

  test('a ban from one room does not affect others, and one without the address does not affect the address', async () => {
    await using visited = await start(kind)
    const { root, eve, user } = visited
    for (const room of ['den', 'attic']) await root.ask('join', { room, create: true })
    await eve.ask('join', { room: 'den' })
    await root.ask('mod', { room: 'den', op: 'ban', user, address: true })
    await root.ask('mod', { room: 'attic', op: 'ban', user })
    const mallory = await visited.guest(EVIL, 'Mallory')
    expect(await outcomeOf(mallory.ask('join', { room: 'den' }))).toBe('forbidden')
    expect(await outcomeOf(mallory.ask('join', { room: 'attic' }))).toBe('ok')
    expect(await outcomeOf(mallory.ask('join', { room: 'lobby' }))).toBe('ok')
  })

  test('the store contains no addresses, and no hashes that are the same in another chat', async () => {
    await using visited = await start(kind)
    await using other = await start(kind)
    const [hashes, others] = await Promise.all(
      [visited, other].map(({ engine, user }) => engine.accounts.addresses(user)),
    )
    expect(hashes!.join()).not.toContain(EVIL)
    expect(hashes).not.toEqual(others)
  })
}
