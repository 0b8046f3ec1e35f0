// Formats the results of the fuzzer: a table, and the input of a find.

import type { FuzzResult } from './fuzzer.ts'
import type { Target } from './target.ts'

/** The two parts of a target's run: with coverage, then at full speed. */
export interface TargetReport {
  readonly target: Target
  readonly guided: FuzzResult | undefined
  readonly fast: FuzzResult
  /** Inputs in the corpus. */
  readonly kept: number
  /** Bytes that the run at full speed left allocated. */
  readonly memory: number
}

/** The table of docs/fuzzing.md. */
export function formatTable(reports: readonly TargetReport[]): string {
  const rows = reports.map(({ target, guided, fast, kept, memory }) => {
    const all = [...(guided ? [guided] : []), fast]
    return [
      target.name,
      count(sum(all.map(({ runs }) => runs))),
      count((fast.runs / fast.milliseconds) * 1000),
      count(guided?.blocks ?? 0),
      count(kept),
      count(new Set(all.flatMap(({ outcomes }) => [...outcomes.keys()])).size),
      `${(memory / 2 ** 20).toFixed(1)} MiB`,
      count(all.filter(({ find }) => find !== undefined).length),
    ]
  })
  const total = reports.flatMap(({ guided, fast }) => [guided?.runs ?? 0, fast.runs])
  const names = [
    'target',
    'executions',
    'per second',
    'blocks × counts',
    'kept',
    'outcomes',
    'memory kept',
    'finds',
  ]
  return [...tabulate([names, ...rows]), '', `${count(sum(total))} executions in all.`].join('\n')
}

/** The outcomes, the most frequent first. */
export function formatOutcomes(outcomes: ReadonlyMap<string, number>, most = 12): string {
  const sorted = [...outcomes].sort(([, a], [, b]) => b - a)
  const lines = sorted.slice(0, most).map(([outcome, times]) => `  ${String(times).padStart(9)}  ${outcome}`)
  if (sorted.length > most) lines.push(`  ${' '.repeat(9)}  … and ${sorted.length - most} others`)
  return lines.join('\n')
}

/** A find, and the command that replays it. */
export function formatFind(
  target: Target,
  { input, error }: NonNullable<FuzzResult['find']>,
  seed: number,
): string {
  const hex = Buffer.from(input).toString('hex')
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [
    `FOUND in ${target.name} (seed ${seed}), ${input.length} bytes:`,
    `  ${hex}`,
    what,
    `again: pnpm --filter @ws/fuzz start '${target.name}' --replay ${hex}`,
  ].join('\n')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en')
}

/** Lines of a Markdown table; the first column is aligned left, the others right. */
function tabulate([names, ...rows]: readonly (readonly string[])[]): string[] {
  const columns = names!.map((name, i) => Math.max(name.length, ...rows.map(row => row[i]!.length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(columns[i]!) : cell.padStart(columns[i]!))).join(' | ')} |`
  const rule = `|${columns.map((width, i) => `${'-'.repeat(width + 1)}${i === 0 ? '-' : ':'}`).join('|')}|`
  return [line(names!), rule, ...rows.map(line)]
}
