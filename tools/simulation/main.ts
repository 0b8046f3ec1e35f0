// `pnpm --filter @ws/simulation start`: the server's connections under so many random schedules, or one of them again.

import { numberOf, readCommandLine } from '@ws/testing'
import { inCallback, runMany, runSeed, shrink, tellFailure } from './run.ts'

const USAGE = `usage: pnpm --filter @ws/simulation start [--schedules N] [--seed N] [--replay SEED]
  --schedules N  run so many (default: 100000)
  --seed N       the first of their seeds (default: a random one)
  --replay SEED  run the schedule of one seed, and tell what happens in it`

async function simulate(first: number, count: number): Promise<boolean> {
  console.log(`${count} schedules, the first of seed ${first}`)
  let shown = 0
  const summary = await runMany(first, count, done => {
    if (done - shown < 20_000) return
    shown = done
    console.log(`${done} schedules`)
  })
  const { schedules, milliseconds, tally, failure } = summary
  console.log(tally.tell())
  console.log(
    `${schedules} schedules in ${(milliseconds / 1000).toFixed(1)} s, ${Math.round((1000 * schedules) / milliseconds)} a second`,
  )
  if (failure === undefined) return true
  console.error(await inCallback(() => tellFailure(failure)))
  return false
}

async function replay(seed: number): Promise<boolean> {
  const { trace, violation } = await inCallback(() => runSeed(seed, { trace: true }))
  for (const line of trace) console.log(line)
  if (violation === undefined) {
    console.log(`seed ${seed}: nothing wrong`)
    return true
  }
  console.error(await inCallback(() => tellFailure(shrink(seed))))
  return false
}

const told = readCommandLine(USAGE, ['schedules', 'seed', 'replay'])
const first = numberOf(USAGE, told, 'seed', Math.floor(Math.random() * 2 ** 32))
const again = told.values.replay === undefined ? undefined : numberOf(USAGE, told, 'replay', 0)
const well =
  again === undefined
    ? await simulate(first, numberOf(USAGE, told, 'schedules', 100_000, 1))
    : await replay(again)
process.exitCode = well ? 0 : 1
