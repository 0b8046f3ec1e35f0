// pnpm --filter @ws/faults soak [--minutes N | --connections N] [--seed N] [--svg FILE]: a server in a process of its own, under peers who behave and peers who
// do not, through a network with faults, for a time. Says at the end whether anything was left behind; exit status 1 if so.

import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { numberOf, readCommandLine } from '@ws/testing'
import { drawMemory, formatProgress, formatReport } from './soak-report.ts'
import { Soak } from './soak-run.ts'

const USAGE = `usage: pnpm --filter @ws/faults soak [--minutes N | --connections N] [--seed N] [--svg FILE]
  --minutes N      for so long (default: 1)
  --connections N  until there have been so many
  --seed N         chooses peers and networks as another run did (default: a new one)
  --svg FILE       draws the memory of the server`

const told = readCommandLine(USAGE, ['minutes', 'connections', 'seed', 'svg'])
const { svg } = told.values
const seed = Math.floor(numberOf(USAGE, told, 'seed', Date.now() % 2 ** 32))
const connections = numberOf(USAGE, told, 'connections', Number.POSITIVE_INFINITY, 1)
const forever = Number.isFinite(connections) ? Number.POSITIVE_INFINITY : 1
const minutes = numberOf(USAGE, told, 'minutes', forever, 0.01)

console.log(`seed ${seed}: --seed ${seed} chooses the same peers and networks, though not their timing`)
const soak = await Soak.start(seed)
const outcome = await soak.run({ minutes, connections, progress: now => console.log(formatProgress(now)) })
console.log(formatReport(outcome))
if (svg !== undefined) writeFileSync(svg, drawMemory(outcome.samples))
process.exitCode = outcome.faults.length > 0 ? 1 : 0
