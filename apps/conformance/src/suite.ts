// Runs a list of cases, several at a time: first those that wait, then those that move much data.

import { type Case, isHandshake } from '@ws/conformance-cases'
import type { CaseResult } from './result.ts'

export interface SuiteSettings {
  /** Cases at the same time. */
  readonly jobs: number
  readonly run: (each: Case) => Promise<Pick<CaseResult, 'outcome' | 'verdict' | 'peer'>>
  readonly onResult?: (result: CaseResult, done: number) => void
}

/** Cases with much data at the same time: they are bound by the processor. */
const MOST_LARGE = 4

/** Runs all cases. The results are in the order of the list. */
export async function runSuite(list: readonly Case[], settings: SuiteSettings): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  let done = 0
  const runOne = async ([number, each]: readonly [number, Case]) => {
    const result: CaseResult = { case: each, number, ...(await settings.run(each)) }
    results[number - 1] = result
    settings.onResult?.(result, ++done)
  }
  const numbered = list.map((each, i) => [i + 1, each] as const)
  await forEachOf(
    numbered.filter(([, each]) => !isLarge(each)),
    settings.jobs,
    runOne,
  )
  await forEachOf(
    numbered.filter(([, each]) => isLarge(each)),
    Math.min(settings.jobs, MOST_LARGE),
    runOne,
  )
  return results
}

function isLarge(each: Case): boolean {
  return !isHandshake(each) && each.measure !== undefined
}

async function forEachOf<T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await run(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
