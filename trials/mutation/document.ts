// The document about mutation testing, as text: what came of the runs, what they found and what is explained are given.

import { add, type Counts, type Explained, type Summary } from './summary.ts'

/** What a run has found, and what was done about it. */
export interface Found {
  /** The package and the file below its `src`. */
  readonly file: string
  /** What could be changed without any test noticing. */
  readonly what: string
  /** A part of the name of the test that notices it since; without one, the code that made no difference is gone. */
  readonly test?: string
}

/** What was run, and with what. */
export interface Run {
  readonly date: string
  readonly node: string
  readonly stryker: string
}

/** Markdown. */
export function writeDocument(summaries: readonly Summary[], found: readonly Found[], run: Run): string {
  const total = add(summaries.map(summary => summary.total))
  return `# Mutation testing

Coverage says which lines the tests run, not whether they would notice if a line were wrong. So the sources of the packages without I/O
are changed in one place at a time (\`<\` to \`<=\`, a condition to \`true\`, a block to nothing), and for each change the tests that run
that place are run: one of them has to fail, or not to end. Written by \`pnpm mutation report\`.

\`\`\`sh
pnpm mutation            # all three packages: hours at first, then only what has changed, sources or tests
pnpm mutation frame      # one of them; ends with 1 if a change is left that no test noticed and nobody has explained
pnpm mutation report     # writes this document from what the last runs have left
\`\`\`

What is found by [StrykerJS](https://stryker-mutator.io) stays in \`trials/mutation/results/\`; remove a file there to begin anew. A change
that no test notices is read: either a test is written, or code goes that makes no difference, or \`trials/mutation/explained.ts\` says why no
test can notice it, or need notice it. An explanation holds until its line changes.

## What was run

StrykerJS ${run.stryker}, Node ${run.node}; the last run ended on ${run.date}.

| package | changes | noticed | explained | left | noticed of all | with the explained |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
${summaries.map(({ name, total: counts }) => writeRow(`@ws/${name}`, counts)).join('\n')}
${writeRow('all', total)}

A change is noticed when a test fails, or when the tests do not end: ${total.timedOut} of ${total.noticed}. Left out are

- texts, most of which are for people: that they are there is what most tests ask;
- what runs once, when a module is loaded: each such change would need all tests anew;
- \`index.ts\`, which exports the others;
- tests with a clock, which instrumented code would fail. So a change that only makes something slower is noticed by none.

## What it found

${found.map(writeFound).join('\n')}

${summaries.map(writePackage).join('\n\n')}
`
}

function writeRow(name: string, counts: Counts): string {
  const { changes, noticed, explained, left } = counts
  return `| ${[name, changes, noticed, explained, left, share(noticed, changes), share(noticed + explained, changes)].join(' | ')} |`
}

function share(part: number, all: number): string {
  return `${((100 * part) / Math.max(1, all)).toFixed(1)} %`
}

function writeFound({ file, what, test }: Found): string {
  return `- ${code(file)}: ${what} ${test === undefined ? 'That code is gone.' : `Noticed by “${test}”.`}`
}

function writePackage({ name, files, left, explained }: Summary): string {
  const rows = [...files].map(
    ([file, { changes, noticed, explained: known, left: open }]) =>
      `| ${[file, changes, noticed, known, open].join(' | ')} |`,
  )
  const sections = [
    `## @ws/${name}`,
    `| file | changes | noticed | explained | left |\n| --- | ---: | ---: | ---: | ---: |\n${rows.join('\n')}`,
    ...(left.length > 0 ? [`Left:\n\n${left.map(line => `- ${code(line)}`).join('\n')}`] : []),
    ...(explained.length > 0 ? [`Explained:\n\n${writeExplained(explained)}`] : []),
  ]
  return sections.join('\n\n')
}

/** By reason. */
function writeExplained(explained: readonly Explained[]): string {
  const reasons = Map.groupBy(explained, ({ why }) => why)
  return [...reasons].map(([why, entries]) => `- ${why}\n${entries.map(writeEntry).join('\n')}`).join('\n')
}

function writeEntry({ file, line, changes }: Explained): string {
  return `  - ${file.slice(file.indexOf('/') + 1)}, ${code(line)}: ${changes.map(code).join(', ')}`
}

/** As code, whatever stands in it. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}
