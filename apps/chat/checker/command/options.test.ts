// The command line of the checker: accepted options, and errors.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '../main.ts')

function verify(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('--help lists all options', () => {
  const { status, stdout } = verify('--help')
  expect(status).toBe(0)
  for (const name of ['seed', 'messages', 'nodes', 'kills', 'redis-kills', 'rooms', 'engine', 'report'])
    expect(stdout).toContain(`--${name} `)
})

test.each([
  [['--engine', 'mysql'], "--engine must be sqlite or redis, not 'mysql'"],
  [['--engine', 'sqlite', '--nodes', '2'], 'SQLite supports one node'],
  [['--engine', 'sqlite', '--loss'], '--loss needs --engine redis'],
  [['--loss', 'perhaps'], 'perhaps'],
  [['--messages', '0'], "--messages must be a number from 1 on, not '0'"],
  [['--kill', '3'], '--kill'],
])('%j is refused with an error that says what was expected', (args, expected) => {
  const { status, stdout, stderr } = verify(...args)
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toContain(expected)
  expect(stderr).toContain('usage: pnpm --filter @ws/chat-checker start')
})
