// No row is forgotten: each has cases, or its id in the name of a test, and a line in the document.
// Reads the tests and runs none: `pnpm --filter @ws/proofs hostile` does.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { groups, idsIn } from './rows.ts'
import { findCases } from './verdicts.ts'

const ROOT = join(import.meta.dirname, '../../..')
const rows = groups.flatMap(group => group.rows)

/** The names of tests and of rows of their tables, roughly: texts in quotes outside of comments. */
function namesIn(source: string): string[] {
  return source
    .split('\n')
    .filter(line => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .flatMap(line => line.match(/'[^']*'|"[^"]*"|`[^`]*`/g) ?? [])
}

test('each row has a case, or a test with its id in the name', () => {
  const files = [
    'packages/*/src/**/*.test.ts',
    'packages/*/test/**/*.ts',
    'tools/{faults,fuzz,simulation}/**/*.test.ts',
    'tools/proofs/hostile/hostile.test.ts',
  ].flatMap(pattern => globSync(pattern, { cwd: ROOT, exclude: name => name === 'node_modules' }))
  const ids = new Set(files.flatMap(file => namesIn(readFileSync(join(ROOT, file), 'utf8')).flatMap(idsIn)))
  const missing = rows.filter(({ id, cases }) => cases.length === 0 && !ids.has(id)).map(({ id }) => id)
  expect(missing).toEqual([])
})

test('each pattern of a row selects cases', () => {
  const empty = rows.flatMap(({ cases }) => cases).filter(pattern => findCases(pattern).length === 0)
  expect(empty).toEqual([])
})

test('each row has a line in the document', () => {
  const text = readFileSync(join(ROOT, 'docs/hostile-inputs.md'), 'utf8')
  expect(rows.map(({ id }) => id).filter(id => !text.includes(`\n| ${id} | `))).toEqual([])
})
