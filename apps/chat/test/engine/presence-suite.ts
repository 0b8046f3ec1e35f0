// Presence, for every engine.

import { expect, test } from 'vitest'
import { PRESENCE_EXPIRY } from '../../src/engine/local-presence.ts'
import { ANN, BOB } from './drafts.ts'
import { type EngineKind, run } from './kinds.ts'

const CLEO = { id: 'u-cleo', nick: 'cleo' }

export function presenceSuite(kind: EngineKind): void {
  test('lists the members of a room by name, with their number', async () => {
    await using running = await run(kind)
    const { presence } = running.engine
    await presence.here('lobby', [CLEO, { ...BOB, nick: 'BOB' }])
    await presence.here('lobby', [ANN])
    await presence.here('den', [CLEO])
    await presence.here('attic', [])
    expect(await presence.members('lobby', 9)).toEqual({
      count: 3,
      members: [ANN, { ...BOB, nick: 'BOB' }, CLEO],
    })
    expect(await presence.members('lobby', 2)).toMatchObject({ count: 3, members: [ANN, { id: BOB.id }] })
    expect(await presence.members('lobby', 0)).toEqual({ count: 3, members: [] })
    expect(await presence.members('den', 9)).toEqual({ count: 1, members: [CLEO] })
    expect(await presence.members('attic', 9)).toEqual({ count: 0, members: [] })
    expect(await presence.members('nowhere', 9)).toEqual({ count: 0, members: [] })
  })

  test('removes a user who leaves a room', async () => {
    await using running = await run(kind)
    const { presence } = running.engine
    await presence.here('lobby', [ANN, BOB])
    await presence.here('den', [ANN])
    await presence.gone('lobby', [ANN.id, 'u-nobody'])
    await presence.gone('nowhere', [ANN.id])
    expect(await presence.members('lobby', 9)).toEqual({ count: 1, members: [BOB] })
    expect(await presence.members('den', 9)).toEqual({ count: 1, members: [ANN] })
  })

  test('removes a user who is not reported again', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const { presence } = engine
    await presence.here('lobby', [ANN, BOB])
    clock.time += PRESENCE_EXPIRY - 1
    await presence.here('lobby', [ANN])
    expect((await presence.members('lobby', 9)).count).toBe(2)
    clock.time += 1
    expect(await presence.members('lobby', 9)).toEqual({ count: 1, members: [ANN] })
    clock.time += PRESENCE_EXPIRY - 1
    expect(await presence.members('lobby', 9)).toEqual({ count: 0, members: [] })
  })

  test('lists a user once, by the latest name', async () => {
    await using running = await run(kind)
    const { presence } = running.engine
    await presence.here('lobby', [ANN, ANN])
    await presence.here('lobby', [{ ...ANN, nick: 'Anna' }])
    expect(await presence.members('lobby', 9)).toEqual({ count: 1, members: [{ ...ANN, nick: 'Anna' }] })
  })
}
