// The README and `--help` list the same options.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { HELP } from '../src/options.ts'

test('the README lists the options of --help', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const options = (text: string): string[] =>
    [...new Set(text.match(/--[a-z-]{2,}/g))].toSorted((a, b) => a.localeCompare(b))
  const others = ['--help', '--version']
  expect(options(readme)).toEqual(options(HELP).filter(option => !others.includes(option)))
})
