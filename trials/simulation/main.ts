// `pnpm simulate`: the server's connections under so many random schedules, or one of them again.

import { parseArgs } from 'node:util'
import { inCallback, runMany, runSeed, shrink, tellFailure } from './run.ts'

const USAGE = `usage: pnpm simulate [--schedules N] [--seed N] [--replay SEED]
  --schedules N  run so many (default: 100000)
  --seed N       the first of their seeds (default: a random one)
  --replay SEED  run the schedule of one seed, and tell what happens in it`

/** The options, as numbers. Throws an `Error` for the reader if they are wrong. */
function readArguments(args: string[]): { schedules: number; seed: number; replay: number | undefined } {
  const { values } = parseArgs({
    args,
    options: { schedules: { type: 'string' }, seed: { type: 'string' }, replay: { type: 'string' } },
  })
  const read = (name: keyof typeof values): number | undefined => {
    const value = values[name]
    if (value === undefined) return undefined
    if (!/^\d{1,10}$/.test(value)) throw new Error(`--${name} must be a whole number, not '${value}'`)
    return Number(value)
  }
  return {
    schedules: read('schedules') ?? 100_000,
    seed: read('seed') ?? Math.floor(Math.random() * 2 ** 32),
    replay: read('replay'),
  }
}

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

try {
  const { schedules, seed, replay: again } = readArguments(process.argv.slice(2))
  const well = again === undefined ? await simulate(seed, schedules) : await replay(again)
  process.exitCode = well ? 0 : 1
} catch (error) {
  console.error(`simulate: ${(error as Error).message}\n${USAGE}`)
  process.exitCode = 2
}
