// The soak for a moment, as a check of every change; `pnpm --filter @ws/faults soak` is the same for as long as one likes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { text as readAll } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('a soak of some seconds leaves nothing behind', { timeout: 60_000 }, async () => {
  const program = fileURLToPath(new URL('soak.ts', import.meta.url))
  const child = spawn(process.execPath, [program, '--minutes', '0.05', '--seed', '20'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'close')
  const report = await readAll(child.stdout)
  expect(await exited, report).toEqual([0, null])
  expect(report).toContain('verdict: a plateau; nothing is left behind')
  expect(Number(/(\d+) connections in/.exec(report)?.[1])).toBeGreaterThan(200)
  expect(report).toMatch(/uncaught: 0\n/)
})
