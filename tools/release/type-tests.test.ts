// The type tests of the packages and the twelve programs hold with each compiler that users have.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { COMPILERS } from './consumer.ts'

const require = createRequire(import.meta.url)
const ROOT = join(import.meta.dirname, '../..')

const PROGRAMS = [
  'packages/connection/src/format.test.ts',
  'packages/connection/src/json.test.ts',
  'packages/server/test/tasks.test.ts',
  'packages/server/test/types.test.ts',
]

test.each(COMPILERS)(
  '%s accepts the type tests and the twelve programs',
  compiler => {
    const folder = mkdtempSync(join(import.meta.dirname, 'types-'))
    try {
      const files = PROGRAMS.map(path => join(ROOT, path))
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ extends: join(ROOT, 'tsconfig.base.json'), include: [], files }),
      )
      const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin', 'tsc')
      const { stdout, status } = spawnSync(process.execPath, [tsc], { cwd: folder, encoding: 'utf8' })
      expect([stdout, status]).toEqual(['', 0])
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  120_000,
)
