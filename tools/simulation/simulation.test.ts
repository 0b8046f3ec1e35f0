// The server's connections under many random schedules; `pnpm --filter @ws/simulation start --schedules N` runs more of them.

import { expect, test } from 'vitest'
import { inCallback, runMany, runSeed, tellFailure } from './run.ts'

const SCHEDULES = 10_000
const seed = Math.floor(Math.random() * 2 ** 32)

test(`${SCHEDULES} schedules break no invariant (pnpm --filter @ws/simulation start --schedules ${SCHEDULES} --seed ${seed})`, async () => {
  const { tally, failure } = await runMany(seed, SCHEDULES)
  if (failure !== undefined) expect.fail(await inCallback(() => tellFailure(failure)))
  // What is never there is not tried.
  for (const end of [
    '1000 by peer, clean',
    '1000 by local, clean',
    '1006 by network',
    '1011 by local: a handler failed',
  ])
    expect(tally.ends.get(end), end).toBeGreaterThan(SCHEDULES / 1000)
  expect(tally.ends.size).toBeGreaterThan(25)
}, 120_000)

test('a seed gives the same run each time, whatever ran before', async () => {
  const seeds = Array.from({ length: 300 }, (_, i) => (seed + i) >>> 0)
  const hashes = await inCallback(() => seeds.map(one => runSeed(one).hash))
  const again = await inCallback(() => seeds.toReversed().map(one => runSeed(one, { trace: true }).hash))
  expect(again.toReversed()).toEqual(hashes)
  expect(new Set(hashes).size).toBeGreaterThan(250)
  const [first, second] = await inCallback(
    () => [runSeed(seed, { trace: true }), runSeed(seed, { trace: true })] as const,
  )
  expect(first.trace.length).toBeGreaterThan(5)
  expect(second.trace).toEqual(first.trace)
})
