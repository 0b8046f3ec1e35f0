// Up to 4,000 random inputs of each target, from a random seed that is printed; all vectors; and the fuzzer
// itself.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { hex } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { fuzz, shrink } from './fuzzer.ts'
import { formatFind } from './report.ts'
import { must, type Target } from './target.ts'
import { targets } from './targets.ts'
import { vectors } from './vectors.ts'

const seed = Math.floor(Math.random() * 2 ** 32)
console.log(`fuzz: seed ${seed}`)

describe.each(targets.map(target => [target.name, target] as const))('%s', (name, target) => {
  test('has documented outcomes only', async () => {
    const { runs, outcomes, find } = await fuzz(target, { seed, runs: 4000, time: 700 })
    if (find !== undefined) expect.fail(formatFind(target, find, seed))
    // Time is looked at after each 16 runs.
    expect(runs).toBeGreaterThanOrEqual(16)
    expect(outcomes.size).toBeGreaterThan(2)
  })

  const former = vectors.filter(vector => vector.target === name)
  test.runIf(former.length > 0).each(former)('no longer: $was', async ({ input }) => {
    expect(await target.run(hex(input))).toBeTypeOf('string')
  })
})

test('every vector has its target', () => {
  for (const vector of vectors) expect(targets.map(({ name }) => name)).toContain(vector.target)
})

describe('the fuzzer', () => {
  const brittle: Target = {
    name: 'brittle',
    about: '',
    files: [],
    words: [hex('cafe')],
    generate: chance => chance.bytes(6),
    run(input) {
      const text = Buffer.from(input).toString('hex')
      must(!text.includes('cafe'), 'cafe')
      return `${input.length} bytes`
    },
  }

  test('finds an input that a word of the format makes fail, shrinks it, and prints the command that replays it', async () => {
    const { find } = await fuzz(brittle, { seed: 1, runs: 20_000 })
    expect(find!.input).toEqual(hex('cafe'))
    expect(formatFind(brittle, find!, 1)).toContain("pnpm --filter @ws/fuzz start 'brittle' --replay cafe")
  })

  test('runs the same for the same seed', async () => {
    const outcomes = async () => [...(await fuzz(brittle, { seed: 7, runs: 300 })).outcomes]
    expect(await outcomes()).toEqual(await outcomes())
  })

  test('shrinks an input to one that still fails', async () => {
    expect(await shrink(brittle, hex('00 11 cafe 22 cafe'))).toEqual(hex('cafe'))
  })
})

test('pnpm --filter @ws/fuzz start counts blocks and prints its table', () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const run = spawnSync(process.execPath, [main, '--runs', '100', '--seed', `${seed}`], { encoding: 'utf8' })
  expect(run.status, run.stdout + run.stderr).toBe(0)
  for (const { name } of targets)
    expect(run.stdout).toMatch(new RegExp(`\\| ${name} +\\| +100 \\| +[\\d,]+ \\| +[1-9]`))
})
