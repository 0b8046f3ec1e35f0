// The progress and the result of a run: a line on the way, and a summary at the end.

import { measureRecoveries } from '../judge/fault-rules.ts'
import { VERDICTS, type Verdict, type Violation } from '../judge/verdict.ts'
import type { Outcome, Progress, RunOptions } from '../run.ts'

/** Up to this many violations of a kind are printed. */
const EXAMPLES = 5

const number = new Intl.NumberFormat('en-US')

/** `1,234 of 20,000 acknowledged, 2 of 9 faults: sending`. */
export function formatProgress(
  { acknowledged, faults, of, doing }: Progress,
  { messages }: RunOptions,
): string {
  const done = `${number.format(acknowledged)} of ${number.format(messages)} acknowledged`
  return of === 0 ? `${done}: ${doing}` : `${done}, ${faults} of ${of} faults: ${doing}`
}

/** The number of violations of each kind. */
export function countVerdicts(violations: readonly Violation[]): ReadonlyMap<Verdict, number> {
  const kinds = Object.keys(VERDICTS) as Verdict[]
  return new Map(kinds.map(kind => [kind, violations.filter(({ verdict }) => verdict === kind).length]))
}

/** Some lines. */
export function formatSummary({ options, seconds, counts, faults, violations }: Outcome): string {
  const { engine, nodes, rooms, seed } = options
  const rate = Math.round(counts.acknowledged / seconds)
  const lines = [
    `${engine}, ${plural(nodes, 'node')}, ${plural(rooms, 'room')}, seed ${seed}, ${Math.round(seconds)} s`,
    `  ${plural(counts.acknowledged, 'message')} acknowledged (${number.format(rate)} a second) of ${number.format(counts.messages)}, in ${plural(counts.tries, 'request')}`,
    `  ${number.format(counts.refused)} refused temporarily, ${number.format(counts.duplicates)} already stored, ${plural(counts.cuts, 'connection')} lost`,
    `  ${plural(counts.entries, 'entry', 'entries')} in the logs, ${number.format(counts.seen)} received by subscribers, who were told ${number.format(counts.told)} times to start again`,
    ...(options.mayLose
      ? [`  ${number.format(counts.lostWithEpoch)} lost by Redis, revealed by a new epoch`]
      : []),
    ...measureRecoveries(faults).map(
      ({ kind, count, median, longest }) =>
        `  ${count} × ${kind}: recovered after ${Math.round(median)} ms (median), ${Math.round(longest)} ms (longest)`,
    ),
    ...describeViolations(violations),
  ]
  return lines.join('\n')
}

function describeViolations(violations: readonly Violation[]): string[] {
  if (violations.length === 0) return ['PASS: no violations found']
  const kinds = [...countVerdicts(violations)].filter(([, count]) => count > 0)
  return [
    `FAIL: ${plural(violations.length, 'violation')}`,
    ...kinds.flatMap(([kind, count]) => [
      `  ${count} × ${kind}: ${VERDICTS[kind]}`,
      ...violations
        .filter(({ verdict }) => verdict === kind)
        .slice(0, EXAMPLES)
        .map(({ room, what }) => `    ${room}: ${what}`),
    ]),
  ]
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${number.format(count)} ${count === 1 ? one : many}`
}
