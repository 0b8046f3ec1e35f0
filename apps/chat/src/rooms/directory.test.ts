import { expect, test, vi } from 'vitest'
import { TIMES } from '../context/options.ts'
import { Unavailable } from '../engine/engine.ts'
import { MemoryEngine } from '../engine/memory/memory-engine.ts'
import { Directory } from './directory.ts'

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

test('a room is described in its current state', async () => {
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

test('describes the rooms that exist among some', async () => {
  const { directory } = await setUp()
  const read = new Map([
    ['lobby', 3],
    ['nowhere', 1],
  ])
  expect(await directory.some(read)).toMatchObject([{ room: 'lobby', read: 3 }])
})

test('reads all rooms once a second for all callers, and adds the read positions of each', async () => {
  const { engine, directory } = await setUp()
  const clock = vi.spyOn(performance, 'now').mockReturnValue(5000)
  try {
    const [ann, bob] = await Promise.all([
      directory.page(undefined, 100, new Map([['lobby', 7]])),
      directory.page(undefined),
    ])
    expect(ann.rooms).toMatchObject([
      { room: 'garden', read: 0 },
      { room: 'lobby', read: 7 },
    ])
    expect(bob.rooms.map(({ read }) => read)).toEqual([0, 0])
    await engine.createRoom('attic')
    clock.mockReturnValue(5999)
    expect((await directory.page(undefined)).rooms).toHaveLength(2)
    expect(engine.asked).toBe(1)
    clock.mockReturnValue(6000)
    const { rooms } = await directory.page(undefined)
    expect(rooms.map(({ room }) => room)).toEqual(['attic', 'garden', 'lobby'])
    expect(engine.asked).toBe(2)
  } finally {
    clock.mockRestore()
  }
})

test('reads again at once after a failure', async () => {
  const { engine, directory } = await setUp()
  engine.isAway = true
  await expect(directory.page(undefined)).rejects.toBeInstanceOf(Unavailable)
  engine.isAway = false
  expect((await directory.page(undefined)).rooms).toHaveLength(2)
})

test('a page begins after a name, of a room or not, and has the start of the next one', async () => {
  const { directory } = await setUp(['a', 'b', 'd', 'e', '\u{1f600}', '\uffee'])
  const names = async (after?: string, limit?: number) => {
    const { rooms, next } = await directory.page(after, limit)
    return [rooms.map(({ room }) => room).join(''), next]
  }
  expect(await names(undefined, 2)).toEqual(['ab', 'b'])
  expect(await names('b', 2)).toEqual(['de', 'e'])
  expect(await names('c', 2)).toEqual(['de', 'e'])
  expect(await names('e', 2)).toEqual(['\uffee\u{1f600}', undefined])
  expect(await names('\u{1f600}')).toEqual(['', undefined])
})

test('a page of long descriptions ends earlier, and all pages together have all rooms', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `room-${String(index).padStart(3, '0')}`)
  const { engine, directory } = await setUp(names)
  const topic = '\u0001'.repeat(200)
  for (const name of names)
    await engine.publish(name, { kind: 'topic', data: { topic }, cid: '1', user }, { patch: { topic } })
  const found: string[] = []
  const lengths: number[] = []
  for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
    const { rooms, next } = await directory.page(after)
    found.push(...rooms.map(({ room }) => room))
    lengths.push(JSON.stringify(rooms).length)
    after = next
  }
  expect(found).toEqual(names)
  expect(Math.max(...lengths)).toBeLessThan(70_000)
})
