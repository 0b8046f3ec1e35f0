import { readFileSync } from 'node:fs'
import { findFence, runReadme } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import * as api from '../src/index.ts'

const folder = new URL('..', import.meta.url)
const readme = readFileSync(new URL('README.md', folder), 'utf8')

describe('the README', () => {
  test('has a first program that prints the output shown', async () => {
    const result = await runReadme(folder, 0)
    expect(result).toMatchObject({ stderr: '', exitCode: 0 })
    expect(result.stdout).toBe(findFence(readme, 'text', 0))
  })

  test('lists the default limits', () => {
    const rows = [...readme.matchAll(/^\| `(\w+)` +\| ([\d,]+) +\|/gm)]
    const told = Object.fromEntries(rows.map(([, name, value]) => [name, Number(value!.replaceAll(',', ''))]))
    expect(told).toEqual(api.DEFAULT_LIMITS)
  })

  test('names every method and property of a Protocol', () => {
    const names = Object.getOwnPropertyNames(api.Protocol.prototype).filter(name => name !== 'constructor')
    expect(names.filter(name => !readme.includes(`\`${name}`))).toEqual([])
  })

  test('fits in 80 lines', () => expect(readme.split('\n').length).toBeLessThanOrEqual(81))
})
