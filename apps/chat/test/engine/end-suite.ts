// The end of an engine: its data is lost in memory, and kept in a store that outlives it.

import { expect, test } from 'vitest'
import { type Account, type Engine, Unavailable } from '../../src/engine/engine.ts'
import { ANN, edit, message } from './drafts.ts'
import { type EngineKind, run } from './kinds.ts'
import { Recorder } from './recorder.ts'

const ACCOUNT: Account = { ...ANN, guest: false, password: 'hash' }

/** All that returns a promise. */
function operations(engine: Engine): Readonly<Record<string, () => Promise<unknown>>> {
  const { accounts, allowances, presence } = engine
  return {
    createRoom: () => engine.createRoom('den'),
    room: () => engine.room('lobby'),
    rooms: () => engine.rooms(1),
    tops: () => engine.tops(['lobby']),
    subscribe: () => engine.subscribe('lobby'),
    unsubscribe: () => engine.unsubscribe('lobby'),
    publish: () => engine.publish('lobby', message('late')),
    history: () => engine.history('lobby', { limit: 1 }),
    entry: () => engine.entry('lobby', 1),
    search: () => engine.search({ text: 'late', limit: 1 }),
    here: () => presence.here('lobby', [ANN]),
    gone: () => presence.gone('lobby', [ANN.id]),
    members: () => presence.members('lobby', 1),
    create: () => accounts.create(ACCOUNT),
    byId: () => accounts.byId(ANN.id),
    byNick: () => accounts.byNick(ANN.nick),
    obstacle: () => accounts.obstacle('Anna'),
    rename: () => accounts.rename(ANN.id, 'Anna'),
    register: () => accounts.register(ANN.id, 'Anna', 'hash'),
    setAdmin: () => accounts.setAdmin(ANN.id, true),
    openSession: () => accounts.openSession('hash', ANN.id, 1),
    session: () => accounts.session('hash', 0),
    renewSession: () => accounts.renewSession('hash', 1),
    closeSession: () => accounts.closeSession('hash'),
    sweep: () => accounts.sweep(0),
    addAddress: () => accounts.addAddress(ANN.id, 'home'),
    hasAddress: () => accounts.hasAddress(ANN.id, 'home'),
    addresses: () => accounts.addresses(ANN.id),
    salt: () => accounts.salt(),
    banAddresses: () => accounts.banAddresses('lobby', ['home'], 1),
    addressBan: () => accounts.addressBan(['lobby'], 'home'),
    memberships: () => accounts.memberships(ANN.id),
    enter: () => accounts.enter(ANN.id, 'lobby'),
    leave: () => accounts.leave(ANN.id, 'lobby'),
    take: () => allowances.take('login-account', 'ann', { perSecond: 1, burst: 1 }),
    read: () => accounts.read(ANN.id, 'lobby', 1),
  }
}

export function endSuite(kind: EngineKind): void {
  test('after the end all operations reject, and no event is reported', async () => {
    await using running = await run(kind)
    const { engine, sink } = running
    await engine.subscribe('lobby')
    const { accounts } = engine
    await engine[Symbol.asyncDispose]()
    await engine[Symbol.asyncDispose]()
    for (const [name, operation] of Object.entries(operations(engine)))
      await expect(operation(), name).rejects.toBeInstanceOf(Unavailable)
    await expect(accounts.byId(ANN.id)).rejects.toBeInstanceOf(Unavailable)
    engine.signal('lobby', {})
    expect(sink).toMatchObject({ entries: [], signals: [], states: ['up'] })
  })

  test('publishes before the end are stored', async () => {
    await using running = await run(kind)
    const published = running.engine.publish('lobby', message('last words'))
    await running.engine[Symbol.asyncDispose]()
    await expect(published).resolves.toMatchObject({ entry: { seq: 1 }, dup: false })
  })

  if (!kind.durable) return

  test('another engine continues after the end of one', async () => {
    await using store = await kind.makeStore()
    await using first = store.engine()
    await first.start(new Recorder())
    await first.createRoom('lobby')
    const { entry } = await first.publish('lobby', message('one', ANN, 'c'), { patch: { topic: 'news' } })
    await first.publish('lobby', edit(1, 'two'))
    await first.accounts.create(ACCOUNT)
    await first.accounts.openSession('hash', ANN.id, 1000)
    await first.accounts.enter(ANN.id, 'lobby')
    await first.accounts.read(ANN.id, 'lobby', 2)
    const room = await first.room('lobby')
    const message1 = await first.entry('lobby', 1)
    await first[Symbol.asyncDispose]()

    await using second = store.engine()
    await second.start(new Recorder())
    expect(await second.room('lobby')).toEqual(room)
    expect(await second.entry('lobby', 1)).toEqual(message1)
    expect(await second.publish('lobby', message('again', ANN, 'c'))).toEqual({ entry, dup: true })
    expect((await second.publish('lobby', message('three'))).entry.seq).toBe(3)
    expect((await second.search({ text: 'two', limit: 5 })).hits).toHaveLength(1)
    expect(await second.accounts.session('hash', 0)).toEqual(ACCOUNT)
    expect(await second.accounts.memberships(ANN.id)).toEqual(new Map([['lobby', 2]]))
  })
}
