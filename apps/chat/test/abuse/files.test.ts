// The files of a chat contain messages and the hashes of passwords and tokens: other users of the
// machine cannot read them.

import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TestClient } from '../client.ts'
import { setPrograms } from '../programs.ts'

const programs = setPrograms()

/** Runs it with umask 0, so that new files are open to all users. */
const OPEN = { node: ['sh', '-c', 'umask 000; exec "$@"', 'sh', process.execPath] }

/** The files in the folder of the test, with their permissions. */
function modes(): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(programs.folder)) {
    const stats = statSync(join(programs.folder, name), { throwIfNoEntry: false })
    if (stats) found[name] = (stats.mode & 0o777).toString(8)
  }
  return found
}

async function writeSomething(port: number): Promise<void> {
  await using client = await TestClient.guest(port, 'ada')
  await client.ask('join', { room: 'lobby' })
  await client.ask('send', { room: 'lobby', cid: 'c'.repeat(22), body: 'a message' })
}

test('files of the chat are readable by its user only, with any umask', async () => {
  const { child, exit, port } = await programs.run([], OPEN)
  await writeSomething(port)
  const made = ['chat.db', 'chat.db-lock', 'chat.db-lock-journal', 'chat.db-shm', 'chat.db-wal']
  expect(modes()).toEqual(Object.fromEntries(made.map(name => [name, '600'])))
  child.kill('SIGKILL')
  await exit
  expect(Object.values(modes())).not.toContainEqual(expect.not.stringMatching('600'))
})

test('permissions of other users are removed when the chat starts', async () => {
  const first = await programs.run()
  await writeSomething(first.port)
  first.child.kill('SIGKILL')
  await first.exit
  for (const name of Object.keys(modes())) chmodSync(join(programs.folder, name), 0o666)
  await programs.run()
  expect(Object.values(modes())).toEqual(Object.keys(modes()).map(() => '600'))
})

test('a backup is readable by its user only, and so are all files beside it', async () => {
  const { port } = await programs.run()
  await writeSomething(port)
  const { exit } = programs.launch({ args: ['backup', 'copy.db'], ...OPEN })
  const seen = new Set<string>()
  const look = setInterval(() => {
    for (const [name, mode] of Object.entries(modes())) seen.add(`${name} ${mode}`)
  }, 1)
  expect(await exit).toMatchObject({ code: 0 })
  clearInterval(look)
  expect(modes()['copy.db']).toBe('600')
  expect([...seen].filter(each => !each.endsWith(' 600'))).toEqual([])
})
