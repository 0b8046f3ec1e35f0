// A file of expected verdicts, for continuous integration: the run fails when one changes.

import { readFile, writeFile } from 'node:fs/promises'
import { compareIds } from '@ws/conformance-cases'
import type { CaseResult } from './result.ts'
import { UsageError } from './usage-error.ts'

/** Verdicts by case: `NON-STRICT`, or `FAILED / UNCLEAN`. Cases that are OK are left out. */
export type Expectations = Readonly<Record<string, string>>

/** A verdict that is not what the file says. */
export interface Difference {
  readonly result: CaseResult
  readonly expected: string
  readonly actual: string
}

/** Both verdicts in one text; the second is left out if it says nothing new. */
export function formatVerdict({ verdict }: Pick<CaseResult, 'verdict'>): string {
  const { behavior, behaviorClose } = verdict
  return behaviorClose === 'OK' || behaviorClose === behavior ? behavior : `${behavior} / ${behaviorClose}`
}

/** Throws a `UsageError` for a file that is missing or not an object of texts. */
export async function readExpectations(path: string): Promise<Expectations> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`cannot read ${path}; --update writes it`)
  })
  const value = parse(text)
  const isValid = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (isValid && Object.values(value).every(each => typeof each === 'string')) return value as Expectations
  throw new UsageError(`${path} must be a JSON object of verdicts by case, as --update writes it`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The verdicts that differ from the file. Cases that were not run are not compared. */
export function compareResults(results: readonly CaseResult[], expectations: Expectations): Difference[] {
  return results
    .map(result => ({
      result,
      expected: expectations[result.case.id] ?? 'OK',
      actual: formatVerdict(result),
    }))
    .filter(({ expected, actual }) => expected !== actual)
}

/** Writes the verdicts of these results, and keeps those of cases that were not run. */
export async function updateExpectations(path: string, results: readonly CaseResult[]): Promise<void> {
  const known = await readExpectations(path).catch(() => ({}))
  const all = new Map(Object.entries(known))
  for (const result of results) {
    const verdict = formatVerdict(result)
    if (verdict === 'OK') all.delete(result.case.id)
    else all.set(result.case.id, verdict)
  }
  const sorted = [...all].sort(([a], [b]) => compareIds(a, b))
  await writeFile(path, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`)
}
