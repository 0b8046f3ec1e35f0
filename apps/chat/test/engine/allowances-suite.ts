// Allowances, for every engine.

import { expect, test } from 'vitest'
import { type EngineKind, run } from './kinds.ts'

const RATE = { perSecond: 2, burst: 3 }

export function allowancesSuite(kind: EngineKind): void {
  test('allow a burst, then the rate, and return the time to wait', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const take = () => engine.allowances.take('account-address', 'ann', RATE)
    expect([await take(), await take(), await take(), await take()]).toEqual([0, 0, 0, 500])
    clock.time += 400
    expect(await take()).toBe(100)
    clock.time += 100
    expect([await take(), await take()]).toEqual([0, 500])
    // However long the rest, no more than a burst.
    clock.time += 3_600_000
    expect([await take(), await take(), await take(), await take()]).toEqual([0, 0, 0, 500])
  })

  test('each name has its own allowance', async () => {
    await using running = await run(kind)
    const { allowances } = running.engine
    const rate = { perSecond: 1, burst: 1 }
    expect(await allowances.take('account-address', 'ann', rate)).toBe(0)
    expect(await allowances.take('account-address', 'bob', rate)).toBe(0)
    expect(await allowances.take('account-address', 'ann', rate)).toBe(1000)
  })

  test('a clock that goes back adds nothing, and takes nothing', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const rate = { perSecond: 1, burst: 1 }
    expect(await engine.allowances.take('account-address', 'ann', rate)).toBe(0)
    clock.time -= 5000
    expect(await engine.allowances.take('account-address', 'ann', rate)).toBe(1000)
  })

  test('concurrent callers together get no more than a burst', async () => {
    await using running = await run(kind)
    const waits = await Promise.all(
      Array.from({ length: 20 }, () => running.engine.allowances.take('account-address', 'ann', RATE)),
    )
    expect(waits.filter(wait => wait === 0)).toHaveLength(3)
  })

  test('each kind has its own keys', async () => {
    await using running = await run(kind)
    const { allowances } = running.engine
    const rate = { perSecond: 1, burst: 1 }
    expect(await allowances.take('account-address', 'ann', rate)).toBe(0)
    expect(await allowances.take('room-address', 'ann', rate)).toBe(0)
    expect(await allowances.take('account-address', 'ann', rate)).toBe(1000)
  })

  test('a cost is taken as a whole, or not at all', async () => {
    await using running = await run(kind)
    const { allowances } = running.engine
    expect(await allowances.take('account-address', 'ann', RATE, 2)).toBe(0)
    expect(await allowances.take('account-address', 'ann', RATE, 2)).toBe(500)
    expect(await allowances.take('account-address', 'ann', RATE, 1)).toBe(0)
  })

  test('a cost above the burst is taken from a full allowance, and leaves a debt', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const take = (cost?: number) => engine.allowances.take('account-address', 'ann', RATE, cost)
    expect(await take(13)).toBe(0)
    expect(await take()).toBe(5500)
    clock.time += 5500
    expect(await take()).toBe(0)
    expect(await take(13)).toBe(1500)
    clock.time += 1500
    expect(await take(13)).toBe(0)
  })

  test('a cost of zero waits only for a debt', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const take = (cost: number) => engine.allowances.take('account-address', 'ann', RATE, cost)
    expect([await take(3), await take(0)]).toEqual([0, 0])
    clock.time += 1500
    expect([await take(5), await take(0)]).toEqual([0, 1000])
    clock.time += 1000
    expect(await take(0)).toBe(0)
  })
}
