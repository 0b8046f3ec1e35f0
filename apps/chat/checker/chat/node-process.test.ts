import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { journalsOfTest } from '../test/journals.ts'
import { NodeProcess } from './node-process.ts'

const LISTENS = `console.log('{"event":"listening","port":4711}')`

/** A program in place of ws-chat, and the file for its output. */
function program(text: string) {
  const folder = journalsOfTest()
  const file = join(folder, 'program.mjs')
  writeFileSync(file, text)
  const log = join(folder, 'node.log')
  return { node: new NodeProcess([file, '--memory'], log), log }
}

test('a node listens, is killed, and is started again', async () => {
  const { node, log } = program(`${LISTENS}\nconsole.log(process.argv.at(-1))\nsetInterval(() => {}, 1000)`)
  await using _ = node
  expect(node.port).toBeUndefined()
  for (const times of [1, 2]) {
    await node.start()
    expect(node.port).toBe(4711)
    await expect.poll(() => readFileSync(log, 'utf8').match(/^--memory$/gm)).toHaveLength(times)
    await node.kill()
    expect(node.port).toBeUndefined()
  }
  expect(node.hasCrashed).toBe(false)
})

test('a node that ends by itself has crashed', async () => {
  const { node } = program(`${LISTENS}\nsetTimeout(() => process.exit(3), 20)`)
  await using _ = node
  await node.start()
  await expect.poll(() => node.hasCrashed).toBe(true)
})

test('a node that ends before it listens rejects with its output', async () => {
  const { node } = program(`console.error('no port'); process.exit(1)`)
  await using _ = node
  await expect(node.start()).rejects.toThrow(/ended with 1 before it listened: no port/)
})
