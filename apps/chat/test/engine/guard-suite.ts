// Guards, for every engine.

import { describe, expect, test } from 'vitest'
import { Forbidden } from '../../src/engine/engine.ts'
import { banOf, lockOf, muteOf } from '../../src/log/room-state.ts'
import { ANN, BOB, edit, message, messages, topic } from './drafts.ts'
import { type EngineKind, run } from './kinds.ts'

export function guardSuite(kind: EngineKind): void {
  describe('a guard', () => guardTests(kind))
  describe('an expulsion', () => expulsionTests(kind))
}

function guardTests(kind: EngineKind): void {
  test('prevents any entry while a restriction is in force, in this room or in another', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    await engine.createRoom('den')
    const guard = [banOf(BOB.id, 'lobby'), banOf(BOB.id, 'den'), muteOf(BOB.id, 'den'), lockOf('den')]
    const send = () => engine.publish('den', message('hi', BOB), { guard, patch: { topic: 'changed' } })
    await send()
    const until = clock.time + 1000
    const patches = [
      ['lobby', { [`ban:${BOB.id}`]: true }, guard[0], undefined],
      ['den', { [`ban:${BOB.id}`]: until }, guard[1], until],
      ['den', { [`mute:${BOB.id}`]: until }, guard[2], until],
      ['den', { locked: true }, guard[3], undefined],
    ] as const
    for (const [room, patch, restriction, end] of patches) {
      await engine.publish(room, topic('x'), { patch })
      const before = (await engine.tops(['den'])).get('den')
      await expect(send()).rejects.toEqual(new Forbidden(restriction!, end ?? true))
      await expect(send()).rejects.toMatchObject({ restriction, until: end })
      expect((await engine.tops(['den'])).get('den')).toEqual(before)
      const none = Object.fromEntries(Object.keys(patch).map(key => [key, null]))
      await engine.publish(room, topic('x'), { patch: none })
      await send()
    }
  })

  test('ignores restrictions of other users and other rooms', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    await engine.publish('den', topic('x'), { patch: { [`ban:${ANN.id}`]: true, locked: true } })
    const guard = [banOf(BOB.id, 'den'), banOf(ANN.id, 'lobby'), lockOf('lobby'), lockOf('nowhere')]
    await engine.publish('den', message('hi', BOB), { guard })
  })

  test('ends with its time, to the millisecond', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    await engine.publish('lobby', topic('x'), { patch: { [`ban:${BOB.id}`]: clock.time + 1000 } })
    const send = () => engine.publish('lobby', message('hi', BOB), { guard: [banOf(BOB.id, 'lobby')] })
    clock.time += 999
    await expect(send()).rejects.toBeInstanceOf(Forbidden)
    clock.time += 1
    await send()
  })

  test('does not prevent the answer to a retry', async () => {
    await using running = await run(kind)
    const { engine } = running
    const draft = message('hi', BOB)
    const { entry } = await engine.publish('lobby', draft)
    await engine.publish('lobby', topic('x'), { patch: { locked: true } })
    expect(await engine.publish('lobby', draft, { guard: [lockOf('lobby')] })).toEqual({ entry, dup: true })
  })

  test('is checked in the order of the log: no entry is stored after the restriction', async () => {
    await using running = await run(kind)
    const { engine } = running
    const guard = [banOf(BOB.id, 'lobby')]
    const { entry: first } = await engine.publish('lobby', message('first', BOB))
    const settled = await Promise.allSettled([
      ...messages(5, BOB).map(draft => engine.publish('lobby', draft, { guard })),
      engine.publish('lobby', topic('ban'), { patch: { [`ban:${BOB.id}`]: true } }),
      ...messages(5, BOB).map(draft => engine.publish('lobby', draft, { guard })),
      engine.publish('lobby', edit(first.seq, 'changed', BOB), { guard }),
      engine.publish('lobby', message('of another', ANN), { guard: [banOf(ANN.id, 'lobby')] }),
    ])
    expect(settled.map(({ status }) => status)).toEqual([
      ...Array(6).fill('fulfilled'),
      ...Array(6).fill('rejected'),
      'fulfilled',
    ])
    const { entries } = await engine.history('lobby', { limit: 20 })
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(entries[0]).not.toHaveProperty('fold')
  })

  test('prevents a membership', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.accounts.create({ ...BOB, guest: true })
    await engine.publish('lobby', topic('x'), { patch: { [`ban:${BOB.id}`]: true } })
    const enter = engine.accounts.enter(BOB.id, 'lobby', [banOf(BOB.id, 'lobby')])
    await expect(enter).rejects.toMatchObject({ restriction: banOf(BOB.id, 'lobby'), until: undefined })
    expect(await engine.accounts.memberships(BOB.id)).toEqual(new Map())
    await engine.accounts.enter(BOB.id, 'lobby', [banOf(BOB.id, 'den')])
    expect(await engine.accounts.memberships(BOB.id)).toEqual(new Map([['lobby', 0]]))
  })
}

function expulsionTests(kind: EngineKind): void {
  test('ends the membership of one room, or of all', async () => {
    await using running = await run(kind)
    const { engine } = running
    for (const user of [ANN, BOB]) {
      await engine.accounts.create({ ...user, guest: true })
      for (const room of ['den', 'lobby', 'garden']) await engine.accounts.enter(user.id, room)
    }
    await engine.createRoom('den')
    await engine.publish('den', topic('x'), { expels: { user: BOB.id, from: 'room' } })
    expect(new Set((await engine.accounts.memberships(BOB.id)).keys())).toEqual(new Set(['garden', 'lobby']))
    await engine.publish('lobby', topic('x'), { expels: { user: BOB.id, from: 'all rooms' } })
    expect(await engine.accounts.memberships(BOB.id)).toEqual(new Map())
    expect((await engine.accounts.memberships(ANN.id)).size).toBe(3)
  })

  test('does not fire by an entry that is not stored', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.accounts.create({ ...BOB, guest: true })
    await engine.accounts.enter(BOB.id, 'lobby')
    const draft = topic('x')
    await engine.publish('lobby', draft, { patch: { locked: true } })
    const expels = { user: BOB.id, from: 'room' as const }
    expect(await engine.publish('lobby', draft, { expels })).toMatchObject({ dup: true })
    const forbidden = engine.publish('lobby', topic('y'), { expels, guard: [lockOf('lobby')] })
    await expect(forbidden).rejects.toBeInstanceOf(Forbidden)
    expect((await engine.accounts.memberships(BOB.id)).size).toBe(1)
  })
}
