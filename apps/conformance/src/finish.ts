// The end of a run: reports, comparison with expected verdicts, and the exit status.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { compareResults, readExpectations, updateExpectations } from './expectations.ts'
import { renderAnnotations } from './report/annotations.ts'
import { writeReports } from './report/folder.ts'
import { renderJunit } from './report/junit.ts'
import { type CaseResult, isFailure } from './result.ts'
import { summarize } from './terminal.ts'

/** Options that say what becomes of the results. */
export interface FinishOptions {
  readonly out?: string
  readonly junit?: string
  readonly expect?: string
  readonly update?: boolean
  readonly strict?: boolean
}

/** Exit status of a run in which a case failed, or a verdict is not the expected one. */
const FAILED = 1

/** Writes and prints everything. Returns the exit status. */
export async function finish(
  agent: string,
  results: readonly CaseResult[],
  seconds: number,
  options: FinishOptions,
): Promise<number> {
  const { out, junit, expect, update = false, strict = false } = options
  console.log(summarize(results, seconds))
  if (out !== undefined) console.log(`Report: ${await writeReports(out, agent, results)}`)
  if (junit !== undefined) {
    await mkdir(dirname(junit), { recursive: true })
    await writeFile(junit, renderJunit(agent, results, strict))
  }
  if (process.env.GITHUB_ACTIONS === 'true')
    for (const line of renderAnnotations(results, strict)) console.log(line)
  if (expect === undefined) return results.some(result => isFailure(result, strict)) ? FAILED : 0
  if (update) {
    await updateExpectations(expect, results)
    return 0
  }
  const differences = compareResults(results, await readExpectations(expect))
  for (const { result, expected, actual } of differences)
    console.error(`${result.case.id}: expected ${expected}, got ${actual}`)
  if (differences.length === 0) console.log(`All verdicts are those of ${expect}.`)
  return differences.length === 0 ? 0 : FAILED
}
