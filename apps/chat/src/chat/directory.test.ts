import { expect, test, vi } from 'vitest'
import { Unavailable } from '../engine/engine.ts'
import { MemoryEngine } from '../engine/memory.ts'
import { Directory } from './directory.ts'
import { TIMES } from './options.ts'

/** An engine that counts how often all its rooms are asked for, and may be away. */
class Counting extends MemoryEngine {
  asked = 0
  isAway = false
  override async rooms(...args: Parameters<MemoryEngine['rooms']>) {
    this.asked++
    if (this.isAway) throw new Unavailable('away')
    return super.rooms(...args)
  }
}

async function setUp(rooms: readonly string[] = ['garden', 'lobby']) {
  const engine = new Counting()
  await engine.start({ entry() {}, removed() {}, lost() {}, state() {}, signal() {} })
  for (const room of rooms) await engine.createRoom(room)
  const ask = <Value>(work: Promise<Value>) => work
  return { engine, directory: new Directory({ engine, times: TIMES, ask }) }
}

const user = { id: 'a', nick: 'Ann' }

test('a room is described as it is now', async () => {
  const { engine, directory } = await setUp()
  await engine.publish(
    'garden',
    { kind: 'mod', data: { op: 'create' }, cid: '1', user },
    { patch: { owner: 'a' } },
  )
  await engine.publish(
    'garden',
    { kind: 'topic', data: { topic: 'roses' }, cid: '2', user },
    { patch: { topic: 'roses' } },
  )
  await engine.presence.here('garden', [user])
  const { epoch } = (await engine.room('garden'))!
  expect(await directory.room('garden', 1)).toEqual({
    room: 'garden',
    topic: 'roses',
    epoch,
    top: 2,
    oldest: 1,
    read: 1,
    members: 1,
    owner: 'a',
  })
  expect(await directory.room('lobby', 0)).not.toHaveProperty('owner')
  expect(await directory.room('nowhere', 0)).toBe(undefined)
})

test('of some rooms, those that there are', async () => {
  const { directory } = await setUp()
  const read = new Map([
    ['lobby', 3],
    ['nowhere', 1],
  ])
  expect(await directory.some(read)).toMatchObject([{ room: 'lobby', read: 3 }])
})

test('all rooms are read once a second, however many ask, and each is told what he has read himself', async () => {
  const { engine, directory } = await setUp()
  const clock = vi.spyOn(performance, 'now').mockReturnValue(5000)
  try {
    const [ann, bob] = await Promise.all([directory.all(new Map([['lobby', 7]])), directory.all(new Map())])
    expect(ann).toMatchObject([
      { room: 'garden', read: 0 },
      { room: 'lobby', read: 7 },
    ])
    expect(bob.map(({ read }) => read)).toEqual([0, 0])
    await engine.createRoom('attic')
    clock.mockReturnValue(5999)
    expect(await directory.all(new Map())).toHaveLength(2)
    expect(engine.asked).toBe(1)
    clock.mockReturnValue(6000)
    expect((await directory.all(new Map())).map(({ room }) => room)).toEqual(['attic', 'garden', 'lobby'])
    expect(engine.asked).toBe(2)
  } finally {
    clock.mockRestore()
  }
})

test('what could not be read is read again at once', async () => {
  const { engine, directory } = await setUp()
  engine.isAway = true
  await expect(directory.all(new Map())).rejects.toBeInstanceOf(Unavailable)
  engine.isAway = false
  expect(await directory.all(new Map())).toHaveLength(2)
})
