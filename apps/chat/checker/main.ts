// pnpm --filter @ws/chat-checker start: runs a chat under faults, and checks its guarantees. Prints progress and
// violations; exit status 1 if there are any.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findRedis } from '@ws/testing'
import { endByExit } from '@ws/testing/child'
import { describeCommit, describeMachine } from '@ws/testing/machine'
import { readOptions, type VerifyOptions } from './command/options.ts'
import { type Circumstances, writeOutcome } from './report/document.ts'
import { formatProgress, formatSummary } from './report/summary.ts'
import { type Outcome, type Progress, run } from './run.ts'

const DOCUMENT = join(import.meta.dirname, '../../../docs/chat-guarantees.md')

/** Milliseconds between two lines of progress where they cannot be written over. */
const LINE_INTERVAL = 10_000

function showProgress({ run: options }: VerifyOptions): (progress: Progress) => void {
  const { stderr } = process
  let [last, doing] = [Number.NEGATIVE_INFINITY, '']
  return progress => {
    const line = formatProgress(progress, options)
    if (stderr.isTTY) stderr.write(`\r\x1b[K${line}`)
    else if (performance.now() - last >= LINE_INTERVAL || (progress.of === 0 && progress.doing !== doing)) {
      stderr.write(`${line}\n`)
      last = performance.now()
    }
    doing = progress.doing
  }
}

function describeCircumstances(): Circumstances {
  return {
    machine: describeMachine(),
    version: process.versions.node,
    commit: describeCommit(),
    date: new Date().toISOString().slice(0, 10),
  }
}

function report(outcome: Outcome, circumstances: Circumstances): void {
  writeFileSync(DOCUMENT, writeOutcome(readFileSync(DOCUMENT, 'utf8'), outcome, circumstances))
  console.log(`written into ${DOCUMENT}`)
}

endByExit()
const options = readOptions()
const { engine, seed, journals } = options.run
if (engine === 'redis' && findRedis() === undefined) {
  console.error(
    'no redis-server found on PATH: install one (apt-get install redis-server), or --engine sqlite',
  )
  process.exit(2)
}
console.log(`seed ${seed}: --seed ${seed} plans the same faults; their timing varies`)
// Of the time at which it begins: a long run may see other commits.
const circumstances = describeCircumstances()
const outcome = await run(options.run, showProgress(options)).catch((error: unknown) => {
  console.error(`${(error as Error).message}\njournals: ${journals}`)
  process.exit(1)
})
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
console.log(formatSummary(outcome))
const isRight = outcome.violations.length === 0
if (isRight && !options.isKept) rmSync(journals, { recursive: true, force: true })
else console.log(`journals: ${journals}`)
if (options.isReported) report(outcome, circumstances)
process.exitCode = isRight ? 0 : 1
