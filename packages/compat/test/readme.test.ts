// The README: its first program, and its table of differences, each of whose rows has a test.

import { readFileSync } from 'node:fs'
import { findFence, runReadme } from '@ws/testing'
import { expect, test } from 'vitest'

const folder = new URL('..', import.meta.url)
const readme = readFileSync(new URL('README.md', folder), 'utf8')

test('the first program of the README prints the output shown there', async () => {
  const result = await runReadme(folder, 0)
  expect(result).toMatchObject({ stderr: '', exitCode: 0 })
  expect(result.stdout).toBe(findFence(readme, 'text', 0))
})

test('each difference in the README has a test', () => {
  const tests = readFileSync(new URL('differences.test.ts', import.meta.url), 'utf8')
  const [, table = ''] = readme.split('| difference | way back |\n| --- | --- |\n')
  const rows = table
    .split('\n\n', 1)[0]!
    .split('\n')
    .map(line => line.split(' | ')[0]!.replace(/^\| /, ''))
  expect(rows.length).toBeGreaterThan(10)
  for (const name of rows) expect(tests).toContain(`row('${name}', `)
})

test('the README has the defaults of the code', () => {
  const settings = readFileSync(new URL('src/settings.ts', folder), 'utf8')
  expect(readme).toContain('terminated if it does not answer within a minute')
  expect(settings).toContain('pongTimeout: 60_000')
  expect(readme).toContain('accepts no data for two minutes')
  expect(settings).toContain('writeTimeout: 120_000')
  expect(readme).toContain('complete within ten minutes')
  expect(settings).toContain('messageTimeout: 600_000')
})
