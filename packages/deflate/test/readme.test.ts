import { readFileSync } from 'node:fs'
import { findFence, runReadme } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { checkOptions } from '../src/options.ts'

const folder = new URL('..', import.meta.url)
const readme = readFileSync(new URL('README.md', folder), 'utf8')

describe('the README', () => {
  test('has a first program that prints the output shown', async () => {
    const result = await runReadme(folder, 0)
    expect(result).toMatchObject({ stderr: '', exitCode: 0 })
    expect(result.stdout).toBe(findFence(readme, 'text', 0))
  })

  test('lists the defaults of all options', () => {
    const { level, memLevel, ...others } = checkOptions({})
    for (const [name, value] of Object.entries(others)) expect(readme).toContain(`| \`${name}\` | ${value} |`)
    expect(readme).toContain('| `windowBits`, `contextTakeover` | 12, false |')
    expect(readme).toContain(`| \`level\`, \`memLevel\` | ${level}, ${memLevel} |`)
  })

  test('fits in 80 lines', () => expect(readme.split('\n').length).toBeLessThanOrEqual(81))
})
