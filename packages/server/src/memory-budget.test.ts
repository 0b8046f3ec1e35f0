import { expect, test } from 'vitest'
import { type BudgetedConnection, type BudgetOverrun, MemoryBudget } from './memory-budget.ts'

/** A connection that buffers what the test says. */
class Buffering implements BudgetedConnection {
  bufferedMemory = 0
  isClosed = false
  /** The actual size, which is counted later. */
  actual = 0
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  buffer(bytes: number): void {
    this.actual = bytes
    this.countBufferedMemory()
  }

  countBufferedMemory(): void {
    const change = this.actual - this.bufferedMemory
    this.bufferedMemory = this.actual
    this.#world.budget.add(change)
  }

  closeForMemory(): void {
    this.isClosed = true
    this.#world.onClose()
    this.buffer(0)
  }
}

class World {
  readonly connections: Buffering[] = []
  readonly overruns: BudgetOverrun[] = []
  readonly budget: MemoryBudget
  onClose: () => void = () => undefined

  constructor(limit: number, count: number) {
    this.budget = new MemoryBudget(limit, this.connections, overrun => void this.overruns.push(overrun))
    for (let i = 0; i < count; i++) this.connections.push(new Buffering(this))
  }

  buffer(...sizes: number[]): void {
    for (const [i, size] of sizes.entries()) this.connections[i]!.buffer(size)
  }

  get closed(): boolean[] {
    return this.connections.map(({ isClosed }) => isClosed)
  }
}

const turn = () => new Promise(setImmediate)

test('closes the connections that buffer the most, until the rest is within the budget', async () => {
  const world = new World(100, 4)
  world.buffer(20, 60, 10, 90)
  expect([world.budget.isExceeded, world.closed]).toEqual([true, [false, false, false, false]])
  await turn()
  expect(world.closed).toEqual([false, false, false, true])
  expect(world.overruns).toEqual([{ buffered: 180, closed: 1 }])
  expect(world.budget.isExceeded).toBe(false)
  world.buffer(50, 70)
  await turn()
  expect(world.closed).toEqual([false, true, false, true])
})

test('closes no connection at the limit', async () => {
  const world = new World(100, 2)
  world.buffer(40, 60)
  await turn()
  expect([world.budget.isExceeded, world.overruns]).toEqual([false, []])
})

test('closes no connection if enough has been read since it was counted', async () => {
  const world = new World(100, 2)
  world.buffer(60, 60)
  world.connections[0]!.actual = 0
  await turn()
  expect([world.budget.isExceeded, world.closed, world.overruns]).toEqual([false, [false, false], []])
})

test('counts no connection as closed that another has taken with it', async () => {
  const world = new World(60, 3)
  world.onClose = () => world.connections[0]!.buffer(0)
  world.buffer(80, 70, 110)
  await turn()
  expect(world.closed).toEqual([false, true, true])
  expect(world.overruns).toEqual([{ buffered: 260, closed: 2 }])
})

test('closes connections again that buffer more while others are being closed', async () => {
  const world = new World(100, 3)
  world.onClose = () => {
    world.onClose = () => undefined
    world.connections[2]!.buffer(300)
  }
  world.buffer(80, 70, 1)
  await turn()
  expect(world.closed).toEqual([true, true, true])
  expect(world.overruns).toEqual([{ buffered: 151, closed: 3 }])
  expect(world.budget.isExceeded).toBe(false)
})
