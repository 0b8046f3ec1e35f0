// pnpm --filter @ws/fuzz start [TARGET …] [--seconds N | --runs N] [--seed N] [--markdown FILE]
// pnpm --filter @ws/fuzz start TARGET --replay HEX
//
// The command `pnpm --filter @ws/fuzz start`. A fifth of the budget of each target runs with coverage, which is slow and
// finds inputs worth mutating; the rest runs at full speed.

import { writeFileSync } from 'node:fs'
import { memoryUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { numberOf, readCommandLine, refuse } from '@ws/testing'
import { Coverage } from './coverage.ts'
import { type FuzzOptions, type FuzzResult, fuzz } from './fuzzer.ts'
import { formatFind, formatOutcomes, formatTable, type TargetReport } from './report.ts'
import type { Target } from './target.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const USAGE = `usage: pnpm --filter @ws/fuzz start [TARGET …] [--seconds N | --runs N] [--seed N] [--markdown FILE]
       pnpm --filter @ws/fuzz start TARGET --replay HEX
  TARGET           the beginning of a target's name (default: all targets)
  --seconds N      time for each target (default: 10); --runs N limits the runs instead
  --seed N         the seed of random choices (default: a random one)
  --markdown FILE  writes the table of the results into FILE
  --replay HEX     runs one input`

const told = readCommandLine(USAGE, ['seconds', 'runs', 'seed', 'replay', 'markdown'], true)
const { values, positionals } = told
const seed = numberOf(USAGE, told, 'seed', Math.floor(Math.random() * 2 ** 32))
const seconds = numberOf(USAGE, told, 'seconds', 10)
const runs = values.runs === undefined ? undefined : numberOf(USAGE, told, 'runs', 0, 1)

// Coverage must start before the code under test is imported.
const coverage = values.replay === undefined ? new Coverage() : undefined
const { targets } = await import('./targets.ts')
const chosen = targets.filter(
  ({ name }) => positionals.length === 0 || positionals.some(wanted => name.startsWith(wanted)),
)
if (chosen.length === 0)
  refuse(
    USAGE,
    `unknown target (expected the beginning of one of ${targets.map(({ name }) => name).join(', ')})`,
  )

if (values.replay === undefined) process.exitCode = await fuzzAll(chosen)
else
  for (const target of chosen)
    console.log(await target.run(Uint8Array.from(Buffer.from(values.replay, 'hex'))))

/** Fuzzes the targets, prints the results, and returns the exit status. */
async function fuzzAll(all: readonly Target[]): Promise<number> {
  console.log(
    `seed ${seed}, ${runs === undefined ? `${seconds} s` : `${runs} runs`} for each of ${all.length} targets`,
  )
  const corpora = new Map(all.map(target => [target, [] as Uint8Array[]]))
  const guided = new Map<Target, FuzzResult>()
  for (const target of all) guided.set(target, await runOne(target, 0.2, corpora.get(target)!, coverage))
  coverage!.stop()
  const reports: TargetReport[] = []
  for (const target of all) {
    const corpus = corpora.get(target)!
    const before = heldMemory()
    const fast = await runOne(target, 0.8, corpus)
    const memory = heldMemory() - before
    reports.push({ target, guided: guided.get(target), fast, kept: corpus.length, memory })
  }
  for (const { target, fast } of reports) console.log(`\n${target.name}\n${formatOutcomes(fast.outcomes)}`)
  const table = formatTable(reports)
  console.log(`\n${table}`)
  if (values.markdown !== undefined) writeFileSync(values.markdown, `${table}\n`)
  return reports.some(report => report.guided?.find ?? report.fast.find) ? 1 : 0
}

async function runOne(
  target: Target,
  share: number,
  corpus: Uint8Array[],
  light?: Coverage,
): Promise<FuzzResult> {
  const budget = runs === undefined ? { time: seconds * 1000 * share } : { runs: Math.ceil(runs * share) }
  const options: FuzzOptions = {
    seed: seed + (light ? 1 : 0),
    corpus,
    ...budget,
    ...(light ? { coverage: light } : {}),
  }
  const result = await fuzz(target, options)
  const rate = Math.round((result.runs / result.milliseconds) * 1000)
  console.log(
    `${target.name}: ${result.runs} runs ${light ? 'with coverage' : 'at full speed'}, ${rate} a second`,
  )
  if (result.find) console.log(formatFind(target, result.find, seed))
  return result
}

/** Bytes of live objects, on the heap and outside of it. */
function heldMemory(): number {
  for (let i = 0; i < 3; i++) collect()
  const { arrayBuffers, heapUsed } = memoryUsage()
  return arrayBuffers + heapUsed
}
