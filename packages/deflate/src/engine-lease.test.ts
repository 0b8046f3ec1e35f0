import { describe, expect, test } from 'vitest'
import { EngineLease } from './engine-lease.ts'
import { EnginePool } from './engine-pool.ts'

const OPTIONS = { direction: 'inflate', windowBits: 12, level: 3, memLevel: 5, chunkSize: 1024 } as const

describe('a lease', () => {
  test('has no engine before or after a message without context takeover', () => {
    const pool = new EnginePool(OPTIONS)
    const lease = new EngineLease(pool, false)
    expect(lease.hasEngine).toBe(false)
    const { engine } = lease
    expect([lease.hasEngine, lease.engine === engine, pool.size]).toEqual([true, true, 0])
    lease.endMessage()
    expect([lease.hasEngine, pool.size]).toEqual([false, 1])
  })

  test('keeps its engine until it is closed with context takeover', () => {
    const pool = new EnginePool(OPTIONS)
    const lease = new EngineLease(pool, true)
    const { engine } = lease
    lease.endMessage()
    expect(lease.engine).toBe(engine)
    lease.close()
    expect([lease.hasEngine, lease.isClosed, pool.size]).toEqual([false, true, 1])
    lease.close()
    expect(pool.size).toBe(1)
  })

  test('D10: returns the engine when work is done if it was closed in the meantime', async () => {
    const pool = new EnginePool(OPTIONS)
    const lease = new EngineLease(pool, false)
    const work = Promise.withResolvers<void>()
    const { engine } = lease
    const during = lease.during(() => work.promise)
    lease.close()
    expect([lease.engine === engine, pool.size]).toEqual([true, 0])
    work.resolve()
    await during
    expect([lease.hasEngine, pool.size]).toEqual([false, 1])
  })

  test('keeps its engine after work if it is not closed', async () => {
    const lease = new EngineLease(new EnginePool(OPTIONS), false)
    const { engine } = lease
    await lease.during(async () => undefined)
    expect(lease.engine).toBe(engine)
  })
})
