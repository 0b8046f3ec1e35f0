import { describe, expect, test } from 'vitest'
import { Pool, Use } from './pool.ts'

const OPTIONS = { does: 'inflate', windowBits: 12, level: 3, memLevel: 5, chunkSize: 1024 } as const

describe('a pool', () => {
  test('keeps four engines and frees the others', () => {
    const pool = new Pool(OPTIONS)
    const engines = Array.from({ length: 6 }, () => pool.take())
    expect(new Set(engines).size).toBe(6)
    for (const engine of engines) pool.give(engine)
    expect(pool.size).toBe(4)
    expect(engines).toContain(pool.take())
    expect(pool.size).toBe(3)
  })

  test('keeps none where each connection has its own', () => {
    const pool = new Pool(OPTIONS, 0)
    pool.give(pool.take())
    expect(pool.size).toBe(0)
  })
})

describe('a use', () => {
  test('holds nothing before a message and nothing after it', () => {
    const pool = new Pool(OPTIONS)
    const use = new Use(pool, false)
    expect(use.holds).toBe(false)
    const { engine } = use
    expect([use.holds, use.engine === engine, pool.size]).toEqual([true, true, 0])
    use.end()
    expect([use.holds, pool.size]).toEqual([false, 1])
  })

  test('that lasts holds its engine until the end of the connection', () => {
    const pool = new Pool(OPTIONS)
    const use = new Use(pool, true)
    const { engine } = use
    use.end()
    expect(use.engine).toBe(engine)
    use.close()
    expect([use.holds, use.closed, pool.size]).toEqual([false, true, 1])
    use.close()
    expect(pool.size).toBe(1)
  })

  test('D10: closed while work is in progress, lets go when that is done', async () => {
    const pool = new Pool(OPTIONS)
    const use = new Use(pool, false)
    const work = Promise.withResolvers<void>()
    const { engine } = use
    const during = use.during(() => work.promise)
    use.close()
    expect([use.engine === engine, pool.size]).toEqual([true, 0])
    work.resolve()
    await during
    expect([use.holds, pool.size]).toEqual([false, 1])
  })

  test('keeps its engine after work if it is not closed', async () => {
    const use = new Use(new Pool(OPTIONS), false)
    const { engine } = use
    await use.during(async () => undefined)
    expect(use.engine).toBe(engine)
  })
})
