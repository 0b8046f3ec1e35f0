// What a comparison found, as it is kept in `tools/bench/results/`: JSON that says with what, on what, and each round.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '@ws/testing/machine'
import type { Figure, Numbers } from './figures.ts'
import type { Judged } from './goals.ts'

/** All that one comparison found. */
export interface Results {
  readonly name: string
  readonly title: string
  /** What the reader should know before believing the figures. */
  readonly notes: readonly string[]
  readonly date: string
  readonly commit: string
  readonly machine: Machine
  readonly quick: boolean
  readonly rounds: number
  /** Milliseconds of load before each measurement, and of the measurement. */
  readonly warmup: number
  readonly duration: number
  /** Who took part, with versions; the first is ours. */
  readonly contenders: readonly { readonly name: string; readonly description: string }[]
  readonly leftOut: readonly { readonly name: string; readonly why: string }[]
  readonly figures: readonly Figure[]
  readonly cases: readonly CaseResults[]
  readonly goals: readonly Judged[]
}

/** What one case of it found. */
export interface CaseResults {
  readonly name: string
  /** How much there is of what grows from case to case. */
  readonly at?: number
  readonly contenders: readonly ContenderResults[]
}

/** What one contender did in one case. */
export interface ContenderResults {
  readonly name: string
  readonly rounds: readonly Numbers[]
  readonly medians: Numbers
  /** Of the figures that are compared: half of the distance from the least to the greatest of the rounds, as a share of the median. */
  readonly spreads: Numbers
  /** Of the figures that are compared: ours divided by this one's, of the medians. */
  readonly ratios: Numbers
}

const FOLDER = join(import.meta.dirname, '..', 'results')

/** Where results are: those of quick runs apart, so that they take the place of no others. */
export function resultsFolder(quick: boolean): string {
  const folder = quick ? join(FOLDER, 'quick') : FOLDER
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Keeps them, in place of those of the last run; gives the name of the file. */
export function writeResults(results: Results): string {
  const file = join(resultsFolder(results.quick), `${results.name}.json`)
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
  return file
}

/** Those of the last run, if there was one. */
export function readResults(name: string, quick: boolean): Results | undefined {
  const file = join(resultsFolder(quick), `${name}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : undefined
}
