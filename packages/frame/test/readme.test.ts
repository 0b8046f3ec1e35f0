// The README's first program and its table of exports. For the second program see tutorial.test.ts.

import { readFileSync } from 'node:fs'
import { findFence, runReadme } from '@ws/testing'
import { expect, test } from 'vitest'
import * as frame from '../src/index.ts'

const folder = new URL('..', import.meta.url)
const readme = readFileSync(new URL('README.md', folder), 'utf8')

test('the first program prints the output shown', async () => {
  const stdout = findFence(readme, 'text', 0)
  expect(await runReadme(folder, 0)).toEqual({ stdout, stderr: '', exitCode: 0, signal: null })
}, 15_000)

test.each(Object.keys(frame))('names %s', name => {
  expect(readme).toMatch(new RegExp(`\\b${name}\\b`))
})

test('fits in 80 lines without the tutorial', () => {
  expect(readme.split('## The tutorial')[0]!.split('\n').length).toBeLessThanOrEqual(80)
})
