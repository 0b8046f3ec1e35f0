// A comparison: contenders in turn, round after round; then a table, the goals and a file of results. Knows not what is measured.

import { endByExit } from '@ws/testing/child'
import { checkMachine, describeCommit, describeMachine } from '@ws/testing/machine'
import { formatTable } from '@ws/testing/table'
import { readArguments, type Settings, USAGE } from './arguments.ts'
import type { Contender } from './contenders.ts'
import { describeDisturbance, type Figure, LIMITED, type Numbers } from './figures.ts'
import { type Goal, type Judged, judge, mediansOf, ratioOf } from './goals.ts'
import { showProgress } from './progress.ts'
import { type CaseResults, type ContenderResults, type Results, writeResults } from './results.ts'
import { checkStart } from './run.ts'
import { halfSpread } from './statistics.ts'
import { caseTable, goalsTable } from './tables.ts'

/** What a script says of itself. */
export interface Comparison {
  /** Of its results. */
  readonly name: string
  readonly title: string
  readonly notes?: readonly string[]
  /** The first is ours. */
  readonly contenders: readonly Contender[]
  readonly figures: readonly Figure[]
  readonly cases: readonly Case[]
  readonly goals?: readonly Goal[]
  /** How often each is measured unless the command line says; 5 if left out. */
  readonly rounds?: number
}

/** One kind of work. */
export interface Case {
  readonly name: string
  /** How much there is of what grows from case to case. */
  readonly at?: number
  /** Who takes part, if not all. */
  readonly contenders?: readonly Contender[]
  /** One round of one contender, in a process of its own. */
  readonly measure: Measure
}

/** Measures a contender once. */
export type Measure = (contender: Contender, settings: Settings) => Promise<Numbers>

/** What was asked for on the command line; ends the process, with a reason, if nothing is to be measured. */
export function startScript(): Settings {
  process.once('uncaughtException', error => fail(describeError(error), 1))
  endByExit()
  const settings = readSettings()
  if (settings === 'help') {
    console.log(USAGE)
    process.exit()
  }
  checkMachine()
  return settings
}

function readSettings(): Settings | 'help' {
  try {
    return readArguments(process.argv.slice(2))
  } catch (error) {
    return fail(`${(error as Error).message}\n${USAGE}`, 2)
  }
}

function fail(why: string, status: number): never {
  console.error(`bench: ${why}`)
  process.exit(status)
}

/** A stack is for who looks for a mistake in a program: those are not plain errors. */
function describeError(error: Error): string {
  return error.constructor === Error ? error.message : (error.stack ?? error.message)
}

/** Runs a comparison and tells of it on standard output; progress goes to standard error. Rejects if anything fails. */
export async function compare(comparison: Comparison, settings: Settings): Promise<Results> {
  const { name, title, notes = [], figures, goals = [] } = comparison
  const rounds = settings.rounds ?? comparison.rounds ?? 5
  const { warmup, duration, quick } = settings
  console.log(`\n${title}`)
  const { present, leftOut } = await callTheRoll(comparison.contenders)
  for (const { name, why } of leftOut) console.log(`${name} is left out: ${why}`)

  const cases: CaseResults[] = []
  for (const one of comparison.cases) {
    const contenders = (one.contenders ?? comparison.contenders).filter(each => present.includes(each))
    const label = comparison.cases.length > 1 ? `${name}, ${one.name}` : name
    const measured = await measureInTurn(label, contenders, one.measure, rounds, settings)
    const { name: caseName, at } = one
    const found = {
      name: caseName,
      ...(at !== undefined && { at }),
      contenders: summarize(figures, measured),
    }
    cases.push(found)
    print(`\n${label}\n${formatTable(caseTable(figures, found))}`)
    const disturbance = describeDisturbance([...measured.values()].flat())
    if (disturbance !== undefined) console.log(disturbance)
  }

  const judged = goals.map(goal => judgeIn(goal, comparison.contenders[0]!.name, cases))
  if (judged.length > 0) print(`\n${formatTable(goalsTable(judged))}`)
  const results: Results = {
    name,
    title,
    notes,
    date: new Date().toISOString(),
    commit: describeCommit(),
    machine: describeMachine(),
    quick,
    rounds,
    warmup,
    duration,
    contenders: present.map(({ name, description }) => ({ name, description })),
    leftOut,
    figures,
    cases,
    goals: judged,
  }
  console.log(`\n${quick ? 'a quick run, not to be quoted: ' : ''}${writeResults(results)}`)
  return results
}

/** A table, and under it what the mark in it means. */
function print(table: string): void {
  console.log(table.includes('*') ? `${table}\n${LIMITED}` : table)
}

/** Who can be had. One that must be there and is not is an error. */
async function callTheRoll(
  contenders: readonly Contender[],
): Promise<{ present: Contender[]; leftOut: { name: string; why: string }[] }> {
  const present: Contender[] = []
  const leftOut: { name: string; why: string }[] = []
  for (const contender of contenders) {
    try {
      await checkStart(contender)
      present.push(contender)
    } catch (error) {
      if (!contender.optional) throw error
      leftOut.push({ name: contender.name, why: (error as Error).message })
    }
  }
  return { present, leftOut }
}

/** A B C A B C …: what disturbs the machine for a while disturbs all of them. */
async function measureInTurn(
  label: string,
  contenders: readonly Contender[],
  measure: Measure,
  rounds: number,
  settings: Settings,
): Promise<Map<Contender, Numbers[]>> {
  const measured = new Map(contenders.map(contender => [contender, [] as Numbers[]]))
  using progress = showProgress(contenders.length * rounds)
  for (let round = 1; round <= rounds; round++) {
    for (const [contender, numbers] of measured) {
      progress.next(`${label}: ${contender.name}, round ${round} of ${rounds}`)
      numbers.push(await measure(contender, settings))
    }
  }
  return measured
}

function summarize(
  figures: readonly Figure[],
  measured: ReadonlyMap<Contender, readonly Numbers[]>,
): ContenderResults[] {
  const [ours] = measured.values()
  const compared = figures.filter(({ better }) => better !== undefined)
  const each = (of: (figure: Figure) => number): Numbers =>
    Object.fromEntries(compared.map(figure => [figure.key, of(figure)]))
  return [...measured].map(([{ name }, rounds]) => ({
    name,
    rounds,
    medians: mediansOf(rounds),
    spreads: each(({ key }) => halfSpread(rounds.map(round => round[key]!))),
    ratios: each(figure => ratioOf(figure, ours!, rounds)),
  }))
}

function judgeIn(goal: Goal, ours: string, cases: readonly CaseResults[]): Judged {
  const found = goal.case === undefined ? cases[0] : cases.find(({ name }) => name === goal.case)
  const roundsOf = (name: string): readonly Numbers[] | undefined =>
    found?.contenders.find(contender => contender.name === name)?.rounds
  return judge(goal, roundsOf(ours), roundsOf(goal.against))
}
