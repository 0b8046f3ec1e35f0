// Results as tables.

import type { Table } from '@ws/testing/table'
import { type Figure, isLimited } from './figures.ts'
import type { Judged } from './goals.ts'
import { formatNumber, formatRatio } from './number.ts'
import type { CaseResults, ContenderResults, Results } from './results.ts'

/** One case: a row for each contender; of what is compared, its spread and the ratio as well. */
export function caseTable(figures: readonly Figure[], { contenders }: CaseResults): Table {
  const heading = figures.flatMap(({ label, better }) =>
    better === undefined ? [label] : [label, '±', 'ours / this'],
  )
  return [['', ...heading], ...contenders.map(contender => [contender.name, ...cellsOf(figures, contender)])]
}

/** All cases in one table; where there are several, each row begins with the name of its case. */
export function resultsTable({ figures, cases }: Results): Table {
  const tables = cases.map(one => caseTable(figures, one))
  if (cases.length === 1) return tables[0]!
  const rows = tables.flatMap((table, index) => table.slice(1).map(row => [cases[index]!.name, ...row]))
  return [['', ...tables[0]![0]!], ...rows]
}

/** A row for each goal. */
export function goalsTable(goals: readonly Judged[]): Table {
  return [
    ['work', 'against', 'ours / theirs', 'rounds from – to', 'goal', 'aim', 'verdict'],
    ...goals.map(({ work, figure, against, ratio, range, goal, aim, verdict, limited = false }) => {
      const sign = figure.better === 'less' ? '≤' : '≥'
      return [
        work,
        against,
        ratio === undefined ? '–' : `${formatRatio(ratio)}${limited ? '*' : ''}`,
        range === undefined ? '–' : `${formatRatio(range[0])} – ${formatRatio(range[1])}`,
        `${sign} ${formatRatio(goal)}`,
        aim === undefined ? '' : `${sign} ${formatRatio(aim)}`,
        verdict,
      ]
    }),
  ]
}

function cellsOf(
  figures: readonly Figure[],
  { rounds, medians, spreads, ratios }: ContenderResults,
): string[] {
  return figures.flatMap(figure => {
    const { key, better } = figure
    const value = `${formatNumber(medians[key]!)}${isLimited(figure, medians) ? '*' : ''}`
    if (better === undefined) return [value]
    const spread = rounds.length > 1 ? `${(spreads[key]! * 100).toFixed(0)} %` : '–'
    return [value, spread, formatRatio(ratios[key]!)]
  })
}
