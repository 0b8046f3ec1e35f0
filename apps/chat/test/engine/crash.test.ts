import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SqliteEngine } from '../../src/engine/sqlite/sqlite-engine.ts'
import { makeFolder } from './kinds.ts'
import { numbers, Recorder } from './recorder.ts'
import { Writer } from './writer-process.ts'

const ROUNDS = 6

test('entries that were acknowledged before a kill -9 are stored once, and the log is dense', async () => {
  await using folder = await makeFolder()
  const file = join(folder.path, 'chat.db')
  const acknowledged = new Map<number, string>()
  let epoch: string | undefined
  for (const round of numbers(ROUNDS)) {
    const writer = await Writer.start(file, `round-${round}`, 100 + 37 * round)
    await writer.kill()
    for (const [seq, cid] of writer.acknowledged) {
      expect(acknowledged.has(seq), `${seq} was acknowledged twice`).toBe(false)
      acknowledged.set(seq, cid)
    }
    await using engine = new SqliteEngine(file)
    await engine.start(new Recorder())
    const room = (await engine.room('lobby'))!
    epoch ??= room.epoch
    expect(room.epoch).toBe(epoch)
    const { entries } = await engine.history('lobby', { after: 0, limit: room.seq })
    expect(entries.map(({ seq }) => seq)).toEqual(numbers(room.seq))
    expect(new Set(entries.map(({ cid }) => cid)).size).toBe(room.seq)
    for (const [seq, cid] of acknowledged) expect(entries[seq - 1]?.cid).toBe(cid)
    expect((await engine.search({ text: `round-${round}`, limit: 5 })).hits).toHaveLength(5)
  }
})
