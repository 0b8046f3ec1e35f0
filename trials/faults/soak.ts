// pnpm soak [--minutes N | --connections N] [--seed N] [--svg FILE]: a server in a process of its own, under peers who behave and peers who
// do not, through a network with faults, for a time. Says at the end whether anything was left behind; exit status 1 if so.

import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { drawMemory, formatProgress, formatReport } from './soak-report.ts'
import { Soak } from './soak-run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    connections: { type: 'string' },
    seed: { type: 'string' },
    svg: { type: 'string' },
  },
})

const seed = Number(values.seed ?? Date.now() % 2 ** 32)
const connections = values.connections === undefined ? Number.POSITIVE_INFINITY : Number(values.connections)
const minutes = Number(values.minutes ?? (values.connections === undefined ? 1 : Number.POSITIVE_INFINITY))
if (!(minutes > 0 && connections > 0 && Number.isSafeInteger(seed)))
  throw new RangeError('--minutes and --connections must be more than 0, --seed a whole number')

console.log(`seed ${seed}: --seed ${seed} makes the same peers and the same faults`)
const soak = await Soak.start(seed)
const outcome = await soak.run({ minutes, connections, progress: now => console.log(formatProgress(now)) })
console.log(formatReport(outcome))
if (values.svg !== undefined) writeFileSync(values.svg, drawMemory(outcome.samples))
process.exitCode = outcome.faults.length > 0 ? 1 : 0
