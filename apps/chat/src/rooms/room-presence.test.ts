import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { TIMES } from '../context/options.ts'
import { MemoryEngine } from '../engine/memory/memory-engine.ts'
import type { Author } from '../log/entry.ts'
import type { PresencePush } from '../wire/messages.ts'
import { RoomPresence } from './room-presence.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const ANN = { id: 'a', nick: 'Ann' }
const BOB = { id: 'b', nick: 'Bob' }

/** A room whose engine tells it of everything, as the sequencer does. */
async function setUp(times: Partial<typeof TIMES> = {}) {
  const engine = new MemoryEngine()
  const pushes: PresencePush[] = []
  const forgotten: string[] = []
  let looks = 0
  const node = {
    engine,
    times: { ...TIMES, ...times },
    ask: <Value>(work: Promise<Value>) => work,
    attempt: (work: Promise<unknown>) => void work.catch(() => {}),
  }
  const presence = new RoomPresence(node, {
    name: 'lobby',
    typing: { forget: user => void forgotten.push(user) },
    broadcast: push => void pushes.push(push),
    look: () => void looks++,
  })
  await engine.start({ entry() {}, removed() {}, lost() {}, state() {}, signal: () => presence.touch() })
  await engine.createRoom('lobby')
  await engine.subscribe('lobby')
  return { engine, presence, pushes, forgotten, looks: () => looks }
}

/** Advances the time, and waits for the effects. */
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

describe('a user who joins', () => {
  test('is announced once a second, together with all others', async () => {
    const { presence, pushes } = await setUp()
    await presence.enter(ANN)
    await pass(500)
    await presence.enter(BOB)
    await pass(499)
    expect(pushes).toEqual([])
    await pass(1)
    expect(pushes).toEqual([{ t: 'presence', room: 'lobby', count: 2, join: [ANN, BOB] }])
    await presence.enter({ id: 'c', nick: 'Cleo' })
    await pass(1000)
    expect(pushes.slice(1)).toEqual([
      { t: 'presence', room: 'lobby', count: 3, join: [{ id: 'c', nick: 'Cleo' }] },
    ])
  })

  test('is not announced for a second window', async () => {
    const { presence, pushes } = await setUp()
    await presence.enter(ANN)
    await pass(1000)
    await presence.enter(ANN)
    await pass(1000)
    presence.exit(ANN.id, false)
    await pass(20_000)
    expect(pushes).toHaveLength(1)
    expect(presence.isEmpty).toBe(false)
  })

  test('while the store is unavailable is not present', async () => {
    const { engine, presence } = await setUp()
    engine.presence.close()
    await expect(presence.enter(ANN)).rejects.toThrow('the store is closed')
    expect(presence.isEmpty).toBe(true)
  })
})

describe('a user who is removed', () => {
  test('is no longer present, although a closed connection might return', async () => {
    const { engine, presence, looks } = await setUp()
    await presence.enter(ANN)
    await presence.enter(BOB)
    presence.exit(ANN.id, true)
    presence.end('nobody')
    presence.end(ANN.id)
    presence.end(BOB.id)
    await pass(0)
    expect((await engine.presence.members('lobby', 9)).members).toEqual([BOB])
    presence.exit(BOB.id, true)
    presence.endAll()
    expect([presence.isEmpty, looks()]).toEqual([true, 2])
    await pass(60_000)
    expect(looks()).toBe(2)
  })
})

describe('a user who leaves', () => {
  test('is announced as gone at the next update', async () => {
    const { presence, pushes, forgotten, looks } = await setUp()
    await presence.enter(ANN)
    await presence.enter(BOB)
    await pass(1000)
    presence.exit(BOB.id, false)
    await pass(1000)
    expect(pushes.at(-1)).toEqual({ t: 'presence', room: 'lobby', count: 1, part: [BOB.id] })
    expect(forgotten).toEqual([BOB.id])
    expect(looks()).toBe(1)
  })

  test('without a Close is present for another 15 seconds', async () => {
    const { presence, pushes } = await setUp()
    await presence.enter(ANN)
    await presence.enter(BOB)
    await pass(1000)
    presence.exit(BOB.id, true)
    await pass(14_999)
    expect(pushes).toHaveLength(1)
    expect(presence.isEmpty).toBe(false)
    await pass(1001)
    expect(pushes.slice(1)).toEqual([{ t: 'presence', room: 'lobby', count: 1, part: [BOB.id] }])
  })

  test('and returns before that was never gone', async () => {
    const { presence, pushes } = await setUp()
    await presence.enter(BOB)
    await pass(1000)
    presence.exit(BOB.id, true)
    await pass(14_000)
    await presence.enter(BOB)
    await pass(20_000)
    expect(pushes).toHaveLength(1)
  })

  test('and was never present is not announced', async () => {
    const { presence, looks } = await setUp()
    presence.exit('nobody', false)
    expect(looks()).toBe(0)
  })
})

test('a new name is announced like a new user', async () => {
  const { presence, pushes } = await setUp()
  await presence.enter(ANN)
  await pass(1000)
  presence.rename({ id: 'a', nick: 'Anna' })
  presence.rename(BOB)
  await pass(1000)
  expect(pushes.slice(1)).toEqual([
    { t: 'presence', room: 'lobby', count: 1, join: [{ id: 'a', nick: 'Anna' }] },
  ])
})

test('up to 200 are listed; above that only the number, until there are fewer again', async () => {
  const { presence, pushes } = await setUp()
  const crowd = Array.from({ length: 201 }, (_, i): Author => ({ id: `${i}`, nick: `Nick ${i}` }))
  for (const user of crowd.slice(0, 200)) await presence.enter(user)
  await pass(1000)
  expect(pushes[0]!.join).toHaveLength(200)
  await presence.enter(crowd[200]!)
  await pass(1000)
  expect(pushes[1]).toEqual({ t: 'presence', room: 'lobby', count: 201 })
  presence.exit('0', false)
  await pass(1000)
  expect(pushes[2]).toMatchObject({ count: 200 })
  expect(pushes[2]!.join).toHaveLength(200)
  expect(pushes[2]!.part).toBe(undefined)
})

test('a beat keeps users in the engine, and notices expired ones', async () => {
  const { engine, presence, pushes } = await setUp()
  await presence.enter(ANN)
  await engine.presence.here('lobby', [BOB])
  await pass(1000)
  expect(pushes[0]).toMatchObject({ count: 2 })
  for (let i = 0; i < 4; i++) {
    await pass(10_000)
    presence.beat()
  }
  await pass(1000)
  expect(await engine.presence.members('lobby', 10)).toEqual({ count: 1, members: [ANN] })
  expect(pushes.slice(1)).toEqual([{ t: 'presence', room: 'lobby', count: 1, part: [BOB.id] }])
})

test('a closed room announces nothing', async () => {
  const { presence, pushes } = await setUp()
  await presence.enter(ANN)
  await presence.enter(BOB)
  presence.exit(BOB.id, true)
  presence.close()
  await pass(60_000)
  expect(pushes).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})
