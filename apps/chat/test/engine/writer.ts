// A process that publishes to a file in an endless loop, and prints each acknowledgment: `node
// writer.ts FILE NAME`. Tests kill it.

import { writeSync } from 'node:fs'
import { SqliteEngine } from '../../src/engine/sqlite/sqlite-engine.ts'

const [, , file = '', name = ''] = process.argv
const engine = new SqliteEngine(file)

try {
  await engine.start({ entry() {}, removed() {}, lost() {}, signal() {}, state() {} })
} catch (error) {
  writeSync(2, `${(error as Error).message}\n`)
  process.exit(1)
}

await engine.createRoom('lobby')
writeSync(1, 'open\n')
for (let round = 0; ; round++) await Promise.all(Array.from({ length: 1 + (round % 20) }, publish))

async function publish(_: unknown, index: number) {
  const cid = `${name}-${process.hrtime.bigint()}-${index}`
  const user = { id: 'u-writer', nick: 'writer' }
  const { entry } = await engine.publish('lobby', { kind: 'msg', data: { body: cid }, cid, user })
  writeSync(1, `${entry.seq} ${cid}\n`)
}
