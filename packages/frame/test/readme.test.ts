// The README: its first program prints what it says there, and every export is in its table. (Its
// second: tutorial.test.ts.)

import { readFileSync } from 'node:fs'
import { findFence, runReadme } from '@ws/testing'
import { expect, test } from 'vitest'
import * as frame from '../src/index.ts'

const folder = new URL('..', import.meta.url)
const readme = readFileSync(new URL('README.md', folder), 'utf8')

test('the first program prints what the README shows', async () => {
  const stdout = findFence(readme, 'text', 0)
  expect(await runReadme(folder, 0)).toEqual({ stdout, stderr: '', exitCode: 0, signal: null })
}, 15_000)

test.each(Object.keys(frame))('%s is named', name => {
  expect(readme).toMatch(new RegExp(`\\b${name}\\b`))
})

test('without its tutorial it fits in 80 lines', () => {
  expect(readme.split('## The tutorial')[0]!.split('\n').length).toBeLessThanOrEqual(80)
})
