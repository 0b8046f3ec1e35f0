// Users, sessions and read positions, for every engine.

import { describe, expect, test } from 'vitest'
import { type Account, GUEST_GRACE, MOST_ADDRESSES, NAME_REST } from '../../src/engine/engine.ts'
import { type EngineKind, run } from './kinds.ts'
import { numbers } from './recorder.ts'

const ANN: Account = { id: 'u-ann', nick: 'Ann', guest: false, password: 'hash' }
const GUEST: Account = { id: 'u-guest', nick: 'Guest', guest: true }

export function accountsSuite(kind: EngineKind): void {
  describe('accounts', () => accountTests(kind))
  describe('sessions', () => sessionTests(kind))
  describe('sweeping', () => sweepTests(kind))
  describe('addresses', () => addressTests(kind))
  describe('bans of addresses', () => addressBanTests(kind))
  describe('memberships', () => membershipTests(kind))
}

function accountTests(kind: EngineKind): void {
  test('are found by id, and by name in any form', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    expect(await accounts.create(ANN)).toBe(true)
    expect(await accounts.create(GUEST)).toBe(true)
    expect(await accounts.byId(ANN.id)).toEqual(ANN)
    expect(await accounts.byId(GUEST.id)).toEqual(GUEST)
    for (const nick of ['Ann', 'ANN', 'ａｎｎ']) expect(await accounts.byNick(nick)).toEqual(ANN)
    expect(await accounts.byId('u-nobody')).toBeUndefined()
    expect(await accounts.byNick('Ánn')).toBeUndefined()
    expect(await accounts.byNick('')).toBeUndefined()
  })

  test('have unique ids and names', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    expect(await accounts.create({ ...GUEST, nick: 'aNN' })).toBe(false)
    expect(await accounts.create({ ...GUEST, nick: 'ＡＮＮ' })).toBe(false)
    expect(await accounts.create({ ...GUEST, id: ANN.id })).toBe(false)
    expect(await accounts.byId(GUEST.id)).toBeUndefined()
    expect(await accounts.byId(ANN.id)).toEqual(ANN)
  })

  test('created at once with the same name are created once', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    const made = numbers(5).map(number => accounts.create({ id: `u-${number}`, nick: 'Eve', guest: true }))
    expect(await Promise.all(made)).toEqual([true, false, false, false, false])
    expect((await accounts.byNick('eve'))?.id).toBe('u-1')
  })

  test("a new name frees the old one, and is not another user's", async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.create(GUEST)
    expect(await accounts.rename(GUEST.id, 'ann')).toBe(false)
    expect(await accounts.byId(GUEST.id)).toEqual(GUEST)
    expect(await accounts.rename(ANN.id, 'ANN')).toBe(true)
    expect(await accounts.rename(ANN.id, 'Anna')).toBe(true)
    expect(await accounts.byNick('ann')).toBeUndefined()
    expect(await accounts.byNick('anna')).toEqual({ ...ANN, nick: 'Anna' })
    running.clock.time += NAME_REST
    expect(await accounts.rename(GUEST.id, 'ann')).toBe(true)
    expect(await accounts.rename('u-nobody', 'Nobody')).toBe(false)
    expect(await accounts.byNick('nobody')).toBeUndefined()
  })

  test('a name that was given up rests for an hour, except for its last holder', async () => {
    await using running = await run(kind)
    const { clock } = running
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.create(GUEST)
    await accounts.rename(ANN.id, 'Anna')
    for (const nick of ['ann', '\u0410nn']) {
      expect(await accounts.obstacle(nick, GUEST.id)).toBe('resting')
      expect(await accounts.rename(GUEST.id, nick)).toBe(false)
      expect(await accounts.create({ ...GUEST, id: 'u-new', nick })).toBe(false)
      expect(await accounts.register(GUEST.id, nick, 'hash')).toBe(false)
    }
    expect(await accounts.obstacle('Ann', ANN.id)).toBeUndefined()
    expect(await accounts.rename(ANN.id, 'Ann')).toBe(true)
    expect(await accounts.obstacle('Anna', ANN.id)).toBeUndefined()
    expect(await accounts.obstacle('Ann', GUEST.id)).toBe('taken')
    clock.time += NAME_REST - 1
    expect(await accounts.obstacle('Anna')).toBe('resting')
    clock.time += 1
    expect(await accounts.obstacle('Anna')).toBeUndefined()
    await accounts.sweep(clock.time)
    expect(await accounts.create({ ...GUEST, id: 'u-new', nick: 'Anna' })).toBe(true)
  })

  test("a name that looks like another user's is not available", async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.create(GUEST)
    for (const nick of ['\u0410nn', 'ＡＮＮ\u200D']) {
      expect(await accounts.obstacle(nick)).toBe('alike')
      expect(await accounts.create({ ...GUEST, id: 'u-new', nick })).toBe(false)
      expect(await accounts.rename(GUEST.id, nick)).toBe(false)
      expect(await accounts.register(GUEST.id, nick, 'hash')).toBe(false)
      expect(await accounts.obstacle(nick, ANN.id)).toBeUndefined()
    }
    expect(await accounts.byId(GUEST.id)).toEqual(GUEST)
    expect(await accounts.obstacle('Ann')).toBe('taken')
    expect(await accounts.rename(ANN.id, '\u0410nn')).toBe(true)
    expect(await accounts.obstacle('Ann')).toBe('alike')
  })

  test('a guest registers once, and nobody else can change the name and password that way', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.create(GUEST)
    expect(await accounts.register(GUEST.id, 'ann', 'hash')).toBe(false)
    expect(await accounts.byId(GUEST.id)).toEqual(GUEST)
    expect(await accounts.register(GUEST.id, 'Visitor', 'hash')).toBe(true)
    const registered = { id: GUEST.id, nick: 'Visitor', guest: false, password: 'hash' }
    expect(await accounts.byId(GUEST.id)).toEqual(registered)
    expect(await accounts.byNick('guest')).toBeUndefined()
    expect(await accounts.register(GUEST.id, 'Visitor', 'another hash')).toBe(false)
    expect(await accounts.register(ANN.id, 'Ann', 'another hash')).toBe(false)
    expect(await accounts.register('u-nobody', 'Nobody', 'hash')).toBe(false)
    expect(await accounts.byNick('visitor')).toEqual(registered)
    expect(await accounts.byNick('nobody')).toBeUndefined()
  })

  test('only registered users can be admins', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.create(GUEST)
    await accounts.openSession('hash', ANN.id, 1000)
    expect(await accounts.setAdmin(GUEST.id, true)).toBe(false)
    expect(await accounts.setAdmin('u-nobody', true)).toBe(false)
    expect(await accounts.setAdmin(ANN.id, true)).toBe(true)
    expect(await accounts.rename(ANN.id, 'Anna')).toBe(true)
    expect(await accounts.byNick('anna')).toEqual({ ...ANN, nick: 'Anna', admin: true })
    expect(await accounts.session('hash', 0)).toMatchObject({ admin: true })
    expect(await accounts.byId(GUEST.id)).toEqual(GUEST)
    expect(await accounts.setAdmin(ANN.id, false)).toBe(true)
    expect(await accounts.byId(ANN.id)).toEqual({ ...ANN, nick: 'Anna' })
  })

  test('two concurrent registrations of one guest succeed once', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(GUEST)
    const both = ['his', 'hers'].map(password => accounts.register(GUEST.id, 'Guest', password))
    expect(await Promise.all(both)).toEqual([true, false])
    expect(await accounts.byId(GUEST.id)).toMatchObject({ password: 'his' })
  })
}

function sessionTests(kind: EngineKind): void {
  test('identify their account until they expire', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.openSession('hash', ANN.id, 1000)
    expect(await accounts.session('hash', 999)).toEqual(ANN)
    expect(await accounts.session('hash', 1000)).toBeUndefined()
    expect(await accounts.session('other', 0)).toBeUndefined()
    expect(await accounts.renewSession('hash', 2000)).toBe(true)
    expect(await accounts.session('hash', 1999)).toEqual(ANN)
    expect(await accounts.renewSession('hash', 1500)).toBe(true)
    expect(await accounts.session('hash', 1999)).toEqual(ANN)
    expect(await accounts.renewSession('other', 2000)).toBe(false)
    expect(await accounts.session('other', 0)).toBeUndefined()
  })

  test('belong to existing users, with their current names', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.openSession('nobody', 'u-nobody', 1000)
    expect(await accounts.session('nobody', 0)).toBeUndefined()
    await accounts.openSession('hash', ANN.id, 1000)
    await accounts.rename(ANN.id, 'Anna')
    expect((await accounts.session('hash', 0))?.nick).toBe('Anna')
  })

  test('of a user end separately', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.openSession('one', ANN.id, 1000)
    await accounts.openSession('two', ANN.id, 1000)
    await accounts.closeSession('one')
    await accounts.closeSession('one')
    expect(await accounts.session('one', 0)).toBeUndefined()
    expect(await accounts.session('two', 0)).toEqual(ANN)
    expect(await accounts.renewSession('one', 2000)).toBe(false)
  })

  test('of a guest all end when they register, but not when they are renamed', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.create(GUEST)
    for (const hash of ['one', 'two']) await accounts.openSession(hash, GUEST.id, 1000)
    await accounts.openSession('ann', ANN.id, 1000)
    await accounts.rename(GUEST.id, 'Visitor')
    await accounts.register(GUEST.id, 'ann', 'hash')
    for (const hash of ['one', 'two']) expect(await accounts.session(hash, 0)).toMatchObject({ guest: true })
    await accounts.register(GUEST.id, 'Visitor', 'hash')
    for (const hash of ['one', 'two']) expect(await accounts.session(hash, 0)).toBeUndefined()
    expect(await accounts.renewSession('one', 2000)).toBe(false)
    expect(await accounts.session('ann', 0)).toEqual(ANN)
    await accounts.openSession('three', GUEST.id, 1000)
    expect(await accounts.session('three', 0)).toMatchObject({ nick: 'Visitor', guest: false })
    await accounts.sweep(1000)
    expect(await accounts.byId(GUEST.id)).toMatchObject({ nick: 'Visitor' })
  })
}

function addressTests(kind: EngineKind): void {
  test('are stored for each account, the last used ones', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const { accounts } = engine
    await accounts.create(ANN)
    await accounts.create({ ...ANN, id: 'u-ben', nick: 'Ben' })
    const has = (address: string, user = ANN.id) => accounts.hasAddress(user, address)
    expect(await has('home')).toBe(false)
    await accounts.addAddress(ANN.id, 'home')
    await accounts.addAddress(ANN.id, 'home')
    expect([await has('home'), await has('office'), await has('home', 'u-ben')]).toEqual([true, false, false])
    expect(await accounts.addresses(ANN.id)).toEqual(expect.arrayContaining(['home']))
    for (const number of numbers(MOST_ADDRESSES - 1)) {
      clock.time++
      await accounts.addAddress(ANN.id, `hotel ${number}`)
    }
    clock.time++
    await accounts.addAddress(ANN.id, 'home')
    clock.time++
    await accounts.addAddress(ANN.id, 'office')
    expect([await has('home'), await has('hotel 1'), await has('hotel 2')]).toEqual([true, false, true])
    expect(await has('office')).toBe(true)
  })

  test('belong to existing users', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.addAddress('u-nobody', 'home')
    expect(await accounts.hasAddress('u-nobody', 'home')).toBe(false)
  })

  test('end with a guest who expires', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    await engine.accounts.create(GUEST)
    await engine.accounts.addAddress(GUEST.id, 'home')
    await engine.accounts.sweep(clock.time + GUEST_GRACE)
    await engine.accounts.create(GUEST)
    expect(await engine.accounts.hasAddress(GUEST.id, 'home')).toBe(false)
  })
}

function addressBanTests(kind: EngineKind): void {
  test('apply to a room and an address until they end or are lifted', async () => {
    await using running = await run(kind)
    const { clock } = running
    const { accounts } = running.engine
    const end = clock.time + 60_000
    await accounts.banAddresses('lobby', ['one', 'two', 'three'], end)
    await accounts.banAddresses('den', ['one'], end + 60_000)
    expect(await accounts.addressBan(['lobby'], 'one')).toBe(end)
    expect(await accounts.addressBan(['lobby', 'den'], 'one')).toBe(end + 60_000)
    expect(await accounts.addressBan(['den'], 'two')).toBeUndefined()
    expect(await accounts.addressBan(['lobby'], 'four')).toBeUndefined()
    await accounts.banAddresses('lobby', ['three'], 0)
    expect(await accounts.addressBan(['lobby'], 'three')).toBeUndefined()
    clock.time = end
    await accounts.sweep(end)
    expect(await accounts.addressBan(['lobby'], 'two')).toBeUndefined()
    expect(await accounts.addressBan(['lobby', 'den'], 'one')).toBe(end + 60_000)
  })

  test('contain salted hashes, with a lasting salt', async () => {
    await using running = await run(kind)
    await using other = await run(kind)
    const { accounts } = running.engine
    const salt = await accounts.salt()
    expect(salt.length).toBeGreaterThanOrEqual(20)
    expect(await accounts.salt()).toBe(salt)
    expect(await other.engine.accounts.salt()).not.toBe(salt)
  })
}

function sweepTests(kind: EngineKind): void {
  test('removes expired sessions, and their guests', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const { accounts } = engine
    await accounts.create(ANN)
    await accounts.create(GUEST)
    await accounts.enter(GUEST.id, 'lobby')
    const later = clock.time + GUEST_GRACE
    await accounts.openSession('ann', ANN.id, later)
    await accounts.openSession('guest', GUEST.id, later)
    await accounts.sweep(later - 1)
    expect(await accounts.session('guest', later - 1)).toEqual(GUEST)
    await accounts.sweep(later)
    for (const hash of ['ann', 'guest']) {
      await accounts.renewSession(hash, later + 9)
      expect(await accounts.session(hash, later)).toBeUndefined()
    }
    expect(await accounts.byId(ANN.id)).toEqual(ANN)
    expect(await accounts.byId(GUEST.id)).toBeUndefined()
    expect(await accounts.memberships(GUEST.id)).toEqual(new Map())
    expect(await accounts.create({ ...GUEST, id: 'u-next' })).toBe(true)
  })

  test('keeps a guest whose session was closed, and the name, for another hour', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const { accounts } = engine
    await accounts.create(GUEST)
    await accounts.openSession('one', GUEST.id, clock.time + 100 * GUEST_GRACE)
    await accounts.openSession('other', GUEST.id, clock.time + 100 * GUEST_GRACE)
    clock.time += 3 * GUEST_GRACE
    await accounts.closeSession('one')
    await accounts.closeSession('other')
    clock.time += GUEST_GRACE - 1
    await accounts.sweep(clock.time)
    expect(await accounts.byId(GUEST.id)).toEqual(GUEST)
    expect(await accounts.obstacle('guest')).toBe('taken')
    clock.time += 1
    await accounts.sweep(clock.time)
    expect(await accounts.byId(GUEST.id)).toBeUndefined()
    expect(await accounts.create({ ...GUEST, id: 'u-next' })).toBe(true)
  })

  test('gives a guest the time to open a first session', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const { accounts } = engine
    await accounts.create(GUEST)
    await accounts.rename(GUEST.id, 'Visitor')
    await accounts.sweep(clock.time)
    await accounts.sweep(clock.time + GUEST_GRACE - 1)
    await accounts.openSession('hash', GUEST.id, clock.time + 2 * GUEST_GRACE)
    await accounts.sweep(clock.time + GUEST_GRACE)
    expect((await accounts.session('hash', clock.time + GUEST_GRACE))?.nick).toBe('Visitor')
  })

  test('removes thousands', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const { accounts } = engine
    const guests = numbers(1300).map(number => ({ id: `u-${number}`, nick: `guest ${number}`, guest: true }))
    await Promise.all(guests.map(guest => accounts.create(guest)))
    await Promise.all(guests.map(({ id }) => accounts.openSession(`s-${id}`, id, clock.time + 1)))
    await accounts.sweep(clock.time + GUEST_GRACE)
    const left = await Promise.all(guests.map(({ id }) => accounts.byId(id)))
    expect(left.filter(account => account !== undefined)).toEqual([])
  })
}

function membershipTests(kind: EngineKind): void {
  test('remember the read position, which only moves forward', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.enter(ANN.id, 'lobby')
    await accounts.enter(ANN.id, 'den')
    expect(await accounts.read(ANN.id, 'lobby', 0)).toBe(false)
    expect(await accounts.read(ANN.id, 'lobby', 5)).toBe(true)
    expect(await accounts.read(ANN.id, 'lobby', 5)).toBe(false)
    expect(await accounts.read(ANN.id, 'lobby', 4)).toBe(false)
    await accounts.enter(ANN.id, 'lobby')
    const read = await accounts.memberships(ANN.id)
    expect(Object.fromEntries(read)).toEqual({ lobby: 5, den: 0 })
  })

  test('end by leaving, and start again by joining', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.create(ANN)
    await accounts.enter(ANN.id, 'lobby')
    await accounts.read(ANN.id, 'lobby', 5)
    await accounts.leave(ANN.id, 'lobby')
    await accounts.leave(ANN.id, 'nowhere')
    expect(await accounts.memberships(ANN.id)).toEqual(new Map())
    expect(await accounts.read(ANN.id, 'lobby', 6)).toBe(false)
    await accounts.enter(ANN.id, 'lobby')
    expect(await accounts.memberships(ANN.id)).toEqual(new Map([['lobby', 0]]))
  })

  test('belong to existing users', async () => {
    await using running = await run(kind)
    const { accounts } = running.engine
    await accounts.enter('u-nobody', 'lobby')
    expect(await accounts.memberships('u-nobody')).toEqual(new Map())
    expect(await accounts.read('u-nobody', 'lobby', 1)).toBe(false)
  })
}
