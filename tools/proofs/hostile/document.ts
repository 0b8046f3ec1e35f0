// docs/hostile-inputs.md as text, from the results of tests and of conformance cases.

import type { TestResult } from '@ws/testing'
import { type Group, groups, idsIn, type Row } from './rows.ts'
import { type CaseVerdict, verdictsOf } from './verdicts.ts'

/** The circumstances of a run. */
export interface Run {
  readonly date: string
  readonly node: string
  readonly ws: string
  readonly seconds: number
}

/** Everything that was run. Verdicts are of servers and of clients. */
export interface Results {
  readonly tests: readonly TestResult[]
  readonly ours: readonly CaseVerdict[]
  readonly theirs: readonly CaseVerdict[]
}

interface Count {
  readonly passed: number
  readonly all: number
}

/** Markdown, and the ids of the rows that have no test or case, or one that failed. */
export function writeDocument(
  results: Results,
  run: Run,
): { readonly text: string; readonly missing: readonly string[]; readonly failed: readonly string[] } {
  const tests = countTests(results.tests)
  const rows = groups.flatMap(group => group.rows)
  const proofs = (row: Row): Count[] =>
    [tests.get(row.id), countCases(verdictsOf(row, results.ours))].filter(count => count !== undefined)
  const missing = rows.filter(row => !proofs(row).some(({ passed }) => passed > 0))
  const failed = rows.filter(row => proofs(row).some(({ passed, all }) => passed < all))
  const named = results.tests.filter(({ name }) => idsIn(name).length > 0).length
  const text = `# Hostile inputs

The inputs and events that a peer can cause, by accident or on purpose, and how the stack responds. \`pnpm --filter @ws/proofs hostile\` writes this page: it runs the tests of the packages and of \`tools/\`, and counts for each row those with its id in their names; and it sends the [conformance cases](../apps/conformance/README.md) of each row to our server and our client, and to those of \`ws\` ${run.ws}. \`npx @ws/conformance cases --explain --only ID\` shows what a case sends.

Rows without cases concern options, statistics or memory, which only our own server can be asked about. The column *ws* has verdicts that differ from OK: FAILED contradicts the standard, NON-STRICT does not, and UNIMPLEMENTED means that compression was not negotiated. Cases that only show a behavior, such as a limit, count as OK. Messages of up to 64 MiB and 131,072 fragments are accepted by \`ws\`, and compression is on.

${run.date}, Node ${run.node}: ${named} tests of ${rows.length} rows among ${results.tests.length} tests, and ${results.ours.length} verdicts on cases, in ${run.seconds} s.

${groups.map(group => writeGroup(group, tests, results)).join('\n\n')}
`
  return { text, missing: missing.map(({ id }) => id), failed: failed.map(({ id }) => id) }
}

function writeGroup(
  { letter, title, rows }: Group,
  tests: ReadonlyMap<string, Count>,
  { ours, theirs }: Results,
): string {
  const lines = rows.map(row =>
    [
      row.id,
      row.comes,
      row.does,
      formatCount(tests.get(row.id)),
      formatCount(countCases(verdictsOf(row, ours))),
      formatVerdicts(verdictsOf(row, theirs)),
    ].join(' | '),
  )
  return `## ${letter}: ${title}

| id | input or event | response | tests | cases | ws |
| --- | --- | --- | --- | --- | --- |
${lines.map(line => `| ${line} |`).join('\n')}`
}

function formatCount(count: Count | undefined): string {
  return count === undefined ? '–' : `${count.passed}/${count.all}`
}

/** `OK`, or each other verdict with its number of cases. */
function formatVerdicts(verdicts: readonly CaseVerdict[]): string {
  if (verdicts.length === 0) return '–'
  const others = Map.groupBy(
    verdicts.filter(each => !isPassed(each)),
    ({ verdict }) => verdict,
  )
  if (others.size === 0) return 'OK'
  return [...others].map(([verdict, { length }]) => `${verdict} ${length}/${verdicts.length}`).join(', ')
}

function countCases(verdicts: readonly CaseVerdict[]): Count | undefined {
  if (verdicts.length === 0) return undefined
  return { passed: verdicts.filter(isPassed).length, all: verdicts.length }
}

function isPassed({ verdict }: CaseVerdict): boolean {
  return verdict === 'OK' || verdict === 'INFORMATIONAL'
}

function countTests(results: readonly TestResult[]): Map<string, Count> {
  const counts = new Map<string, Count>()
  for (const { name, passed } of results) {
    for (const id of idsIn(name)) {
      const count = counts.get(id) ?? { passed: 0, all: 0 }
      counts.set(id, { passed: count.passed + (passed ? 1 : 0), all: count.all + 1 })
    }
  }
  return counts
}
