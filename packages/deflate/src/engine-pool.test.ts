import { describe, expect, test } from 'vitest'
import { EnginePool } from './engine-pool.ts'

const OPTIONS = { direction: 'inflate', windowBits: 12, level: 3, memLevel: 5, chunkSize: 1024 } as const

describe('a pool', () => {
  test('keeps four engines and frees the others', () => {
    const pool = new EnginePool(OPTIONS)
    const engines = Array.from({ length: 6 }, () => pool.take())
    expect(new Set(engines).size).toBe(6)
    for (const engine of engines) pool.give(engine)
    expect(pool.size).toBe(4)
    expect(engines).toContain(pool.take())
    expect(pool.size).toBe(3)
  })

  test('keeps no engine if its limit is 0', () => {
    const pool = new EnginePool(OPTIONS, 0)
    pool.give(pool.take())
    expect(pool.size).toBe(0)
  })
})
