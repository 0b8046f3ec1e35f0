// Row L15: a process of its own that dies of any rejection nobody took and of any deprecation (HOSTILE.md L15).

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seed } from './cuts.ts'

const FLAGS = ['--unhandled-rejections=strict', '--throw-deprecation']

test('L15: all rows about bytes and heads: no rejection is left to the process, nothing deprecated is used', () => {
  const program = join(import.meta.dirname, 'strict.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [...FLAGS, program], {
    encoding: 'utf8',
    env: { ...process.env, SEED: `${seed}` },
  })
  expect({ status, stderr }, `SEED=${seed}`).toEqual({ status: 0, stderr: '' })
  expect(Number.parseInt(stdout, 10)).toBeGreaterThan(1000)
})
