import { createHash } from 'node:crypto'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Engine, type EngineOptions } from './engine.ts'

const OPTIONS = { windowBits: 12, level: 3, memLevel: 5, chunkSize: 1024 }
const HELLO = Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00, 0x00, 0xff, 0xff)
const FINAL = Uint8Array.of(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00)

const create = (direction: EngineOptions['direction'], options: Partial<EngineOptions> = {}) =>
  new Engine({ direction, ...OPTIONS, ...options })

async function run(engine: Engine, input: Uint8Array): Promise<Buffer> {
  const parts: Buffer[] = []
  await engine.run(input, bytes => parts.push(Buffer.from(bytes)))
  return Buffer.concat(parts)
}

/** Bytes that compress by about half. */
function mixed(size: number): Buffer {
  const parts: Buffer[] = []
  for (let i = 0; parts.length * 32 < size; i++)
    parts.push(
      createHash('sha256')
        .update(`${i >> 1}`)
        .digest(),
    )
  return Buffer.concat(parts).subarray(0, size)
}

describe('an engine', () => {
  test('inflates piece by piece, alternately synchronously and in the thread pool', async () => {
    const engine = create('inflate')
    const target = Buffer.alloc(100)
    for (let round = 0; round < 3; round++) {
      expect(engine.step(HELLO, 0, target, 100)).toMatchObject({ consumed: 11, produced: 5 })
      expect(target.toString('latin1', 0, 5)).toBe('Hello')
      expect((await run(engine, HELLO)).toString()).toBe('Hello')
    }
    engine.close()
  })

  test('deflates piece by piece, flushed each time', async () => {
    const engine = create('deflate')
    const text = mixed(100_000)
    const made = [await run(engine, text), await run(engine, text.subarray(0, 7))]
    expect(made.map(bytes => bytes.toString('hex').slice(-8))).toEqual(['0000ffff', '0000ffff'])
    const inflated = inflateRawSync(Buffer.concat(made), { finishFlush: constants.Z_SYNC_FLUSH })
    expect(inflated.equals(Buffer.concat([text, text.subarray(0, 7)]))).toBe(true)
  })

  test('continues in the thread pool where a step stopped', async () => {
    const text = mixed(50_000)
    const input = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH })
    const engine = create('inflate', { windowBits: 15 })
    const target = Buffer.alloc(1000)
    const { consumed, produced } = engine.step(input, 0, target, 1000)
    expect(produced).toBe(1000)
    const rest = await run(engine, input.subarray(consumed))
    expect(Buffer.concat([target, rest]).equals(text)).toBe(true)
  })

  test('reports the input consumed when the data ends early', async () => {
    for (const sync of [true, false]) {
      const engine = create('inflate', { sync })
      const input = Buffer.concat([FINAL, HELLO])
      let came = ''
      expect(await engine.run(input, bytes => (came += Buffer.from(bytes)))).toBe(FINAL.length)
      engine.reset()
      expect((await run(engine, HELLO)).toString()).toBe(came)
    }
    expect(create('inflate').step(Buffer.concat([FINAL, HELLO]), 0, Buffer.alloc(9), 9).consumed).toBe(7)
  })

  test('accepts empty input', async () => {
    expect(await run(create('inflate'), new Uint8Array(0))).toHaveLength(0)
  })

  test('reports an error either way, and works again after a reset', async () => {
    const engine = create('inflate')
    const garbage = Uint8Array.of(0xff, 0xff)
    await expect(run(engine, garbage)).rejects.toMatchObject({ code: 'Z_DATA_ERROR' })
    engine.reset()
    expect(() => engine.step(garbage, 0, Buffer.alloc(9), 9)).toThrow('invalid block type')
    engine.reset()
    expect((await run(engine, HELLO)).toString()).toBe('Hello')
  })

  test('stops when the output callback throws', async () => {
    const engine = create('inflate')
    const bomb = deflateRawSync(Buffer.alloc(10_000_000))
    let taken = 0
    const job = engine.run(bomb, bytes => {
      taken += bytes.length
      if (taken > 5000) throw new Error('enough')
    })
    await expect(job).rejects.toThrow('enough')
    expect(taken).toBeLessThan(10_000)
    engine.reset()
    expect((await run(engine, HELLO)).toString()).toBe('Hello')
  })
})
