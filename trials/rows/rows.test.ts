// That no row is forgotten: each has its id in the name of a test, here or in a package, and in the document. Reads the tests, and runs
// none: `pnpm trials` does.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { groups, idsIn } from './rows.ts'

const ROOT = join(import.meta.dirname, '../..')
const FOLDERS = [
  'packages/handshake',
  'packages/frame',
  'packages/protocol',
  'packages/deflate',
  'packages/connection',
  'packages/client',
  'packages/server',
  'tools/faults',
  'tools/fuzz',
  'tools/simulation',
  'trials',
]
/** Where tests and their tables stand. */
const TESTS = /(\.test|\/vectors|\/rows|\/bytes|\/compressed|\/heads)\.ts$/
const rows = groups.flatMap(group => group.rows)

/** The names of tests and of rows of tables, roughly: the texts in quotes. Comments have none of their own. */
function namesIn(source: string): string[] {
  return source
    .split('\n')
    .filter(line => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .flatMap(line => line.match(/'[^']*'|"[^"]*"|`[^`]*`/g) ?? [])
}

test('each row is named by a test', () => {
  const ids = new Set(
    FOLDERS.flatMap(folder =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(file => join(folder, file)),
    )
      .filter(
        file =>
          TESTS.test(file) &&
          !file.includes('node_modules') &&
          file !== 'trials/rows/rows.ts' &&
          file !== 'trials/rows/rows.test.ts',
      )
      .flatMap(file => namesIn(readFileSync(join(ROOT, file), 'utf8')).flatMap(idsIn)),
  )
  const missing = rows
    .filter(({ id, elsewhere }) => elsewhere === undefined && !ids.has(id))
    .map(({ id }) => id)
  expect(missing).toEqual([])
})

test('each row stands in the document', () => {
  const text = readFileSync(join(ROOT, 'docs/hostile-inputs.md'), 'utf8')
  expect(rows.map(({ id }) => id).filter(id => !text.includes(`\n| ${id} | `))).toEqual([])
})
