// The table of error codes lists those of the packages, with their close codes.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../check/documents.ts'

/** The names of close codes in the table of @ws/frame that errors use. */
const NAMED: Readonly<Record<string, string>> = {
  'CloseCode.abnormal': '1006',
  'CloseCode.internalError': '1011',
  'CloseCode.policyViolation': '1008',
}

const rows = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `(ERR_WS_\w+)` \| (\w+) \|/gm)
const table = [...rows].map(([, code, closeCode]) => [code!, closeCode!] as const)
const sources = globSync('packages/*/src/**/*.ts', { cwd: ROOT })
  .filter(path => !path.endsWith('.test.ts'))
  .map(path => readFileSync(join(ROOT, path), 'utf8'))
  .map(source => source.replaceAll(/^ *(\/\/|\/?\*).*$/gm, ''))

test('docs/errors.md lists each error code of the packages once', () => {
  const used = sources.flatMap(source => source.match(/\bERR_WS_\w+/g) ?? [])
  const listed = table.map(([code]) => code)
  expect(new Set(listed)).toEqual(new Set(used))
  expect(listed).toHaveLength(new Set(listed).size)
})

test('docs/errors.md gives the close code that each error is created with', () => {
  const created = sources.flatMap(source => [
    ...source.matchAll(/code: '(ERR_WS_\w+)',\s*closeCode: ([\w.]+)/g),
  ])
  expect(created.length).toBeGreaterThan(15)
  for (const [, code, closeCode] of created)
    expect(table).toContainEqual([code, NAMED[closeCode!] ?? closeCode])
})
