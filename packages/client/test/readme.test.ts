// The README: its first program, its table of options, and its figures.

import { readFileSync } from 'node:fs'
import { findFence, readmeWithOptions, runReadme } from '@ws/testing'
import { expect, test } from 'vitest'
import { README_OPTIONS } from './options.ts'

const folder = new URL('..', import.meta.url)
const readme = readFileSync(new URL('README.md', folder), 'utf8')

test('the first program of the README prints the output shown there', async () => {
  const result = await runReadme(folder, 0)
  expect(result).toMatchObject({ stderr: '', exitCode: 0 })
  expect(result.stdout).toBe(findFence(readme, 'text', 0))
})

test('the table of options in the README matches the code (`pnpm -r options` writes it)', () => {
  expect(readme).toBe(readmeWithOptions(README_OPTIONS))
})

test('the README has the figures of the code', () => {
  const source = (file: string): string => readFileSync(new URL(`src/${file}`, folder), 'utf8')
  expect(readme).toContain('up to 64 KiB of its body')
  expect(source('http/response.ts')).toContain('const MAX_BODY = 64 * 1024\n')
  expect(readme).toContain('lived for 10 seconds')
  expect(source('reconnect.ts')).toContain('const LIVED = 10_000\n')
})
