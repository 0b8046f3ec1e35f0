// The removal of rooms, for every engine.

import { expect, test } from 'vitest'
import { NoSuchRoom } from '../../src/engine/engine.ts'
import { ANN, BOB, deletion, edit, message, messages, reaction, topic } from './drafts.ts'
import { type EngineKind, publishAll, run } from './kinds.ts'

export function removalSuite(kind: EngineKind): void {
  test('a removed room leaves nothing behind, and does not affect others', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    for (const user of [ANN, BOB]) {
      await engine.accounts.create({ ...user, guest: true })
      for (const room of ['den', 'lobby']) await engine.accounts.enter(user.id, room)
    }
    await engine.accounts.read(ANN.id, 'den', 3)
    await engine.presence.here('lobby', [ANN])
    await publishAll(engine, 'lobby', messages(3))
    await publishAll(engine, 'den', [...messages(3), edit(1, 'message one'), reaction(1, '👍'), deletion(2)])
    await engine.publish('den', topic('news'), { patch: { topic: 'news', locked: true } })
    expect(await engine.removeRoom('den')).toBe(true)
    expect(await engine.room('den')).toBeUndefined()
    expect(await engine.tops(['den'])).toEqual(new Map())
    expect(await engine.rooms(10)).toEqual(['lobby'])
    expect(await engine.entry('den', 1)).toBeUndefined()
    await expect(engine.history('den', { limit: 1 })).rejects.toBeInstanceOf(NoSuchRoom)
    await expect(engine.publish('den', message('hi'))).rejects.toBeInstanceOf(NoSuchRoom)
    for (const rooms of [undefined, ['den'], ['den', 'lobby']])
      expect((await engine.search({ text: 'message', ...(rooms && { rooms }), limit: 9 })).hits).toHaveLength(
        rooms?.length === 1 ? 0 : 3,
      )
    for (const { id } of [ANN, BOB])
      expect([...(await engine.accounts.memberships(id)).keys()]).toEqual(['lobby'])
    expect((await engine.history('lobby', { limit: 9 })).entries).toHaveLength(3)
    expect((await engine.presence.members('lobby', 9)).count).toBe(1)
  })

  test('a new room of the same name has another epoch', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    const before = (await engine.room('den'))!
    await engine.accounts.create({ ...ANN, guest: true })
    await engine.accounts.enter(ANN.id, 'den')
    await engine.publish('den', message('one', ANN, 'c'), { patch: { locked: true } })
    await engine.removeRoom('den')
    expect(await engine.createRoom('den')).toBe(true)
    const after = (await engine.room('den'))!
    expect(after).toMatchObject({ seq: 0, oldest: 1, state: new Map() })
    expect(after.epoch).not.toBe(before.epoch)
    expect(await engine.publish('den', message('two', ANN, 'c'))).toMatchObject({
      dup: false,
      entry: { seq: 1, data: { body: 'two' } },
    })
    expect(await engine.accounts.memberships(ANN.id)).toEqual(new Map())
    expect(await engine.removeRoom('den')).toBe(true)
    expect(await engine.rooms(9)).toEqual(['lobby'])
  })

  test('a room is removed once, and an unknown one is not', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    const removed = await Promise.all([1, 2, 3].map(() => engine.removeRoom('den')))
    expect(removed.toSorted()).toEqual([false, false, true])
    expect(await engine.removeRoom('nowhere')).toBe(false)
  })

  test('a room is removed only at a given end, if one is given', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    await publishAll(engine, 'den', messages(2))
    const end = (await engine.tops(['den'])).get('den')!
    await engine.publish('den', message('one more'))
    expect(await engine.removeRoom('den', end)).toBe(false)
    expect(await engine.removeRoom('den', { ...end, seq: 3, epoch: 'another' })).toBe(false)
    expect((await engine.history('den', { limit: 9 })).entries).toHaveLength(3)
    expect(await engine.removeRoom('den', { ...end, seq: 3 })).toBe(true)
  })

  test('the sink receives the removal of a subscribed room, with its epoch', async () => {
    await using running = await run(kind)
    const { engine, sink } = running
    for (const room of ['den', 'garden']) await engine.createRoom(room)
    const { epoch } = (await engine.room('den'))!
    await engine.subscribe('den')
    await engine.removeRoom('garden')
    await engine.removeRoom('den')
    await sink.until(({ removals }) => removals.length > 0)
    expect(sink.removals).toEqual([{ room: 'den', epoch }])
    await engine.createRoom('den')
    await engine.publish('den', message('again'))
    await sink.until(({ entries }) => entries.length > 0)
    expect(sink.seqs('den')).toEqual([1])
    expect(sink.states).toEqual(['up'])
  })

  test('a room with many entries is removed at once, without delaying writes to others', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    await Promise.all(messages(2500).map(draft => engine.publish('den', draft)))
    await engine.removeRoom('den')
    await engine.createRoom('den')
    await engine.publish('den', message('message of another room'))
    expect((await engine.search({ text: 'message', limit: 9 })).hits).toHaveLength(1)
    expect((await engine.history('den', { limit: 9 })).entries).toHaveLength(1)
  })
}
