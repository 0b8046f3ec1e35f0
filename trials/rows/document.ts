// The document about the rows, as text: what was found by tests and by `ws` is given. Knows nothing of how.

import type { TestResult } from '../suite.ts'
import { type Group, groups, idsIn, type Row } from './rows.ts'
import type { Outcome } from './ws.ts'

/** What was run, and with what. */
export interface Run {
  readonly date: string
  readonly node: string
  readonly ws: string
  readonly seconds: number
}

/** Tests of a row. */
interface Count {
  readonly passed: number
  readonly all: number
}

/** Markdown, and the ids of the rows that have no test, or one that failed. */
export function writeDocument(
  results: readonly TestResult[],
  theirs: readonly Outcome[],
  run: Run,
): { readonly text: string; readonly missing: readonly string[]; readonly failed: readonly string[] } {
  const counts = countTests(results)
  const outcomes = groupById(theirs)
  const rows = groups.flatMap(group => group.rows)
  const tested = rows.filter(({ id }) => counts.has(id))
  const missing = rows.filter(({ id, elsewhere }) => elsewhere === undefined && !counts.get(id)?.passed)
  const failed = tested.filter(({ id }) => counts.get(id)!.passed < counts.get(id)!.all)
  const withId = results.filter(({ name }) => idsIn(name).length > 0).length
  const text = `# Hostile inputs

What a peer can send or do, by accident or on purpose, and what the stack makes of it. Written by \`pnpm trials\`, which runs the tests of
\`packages/{handshake,frame,protocol,deflate,connection,server,client}\` \`tools/{faults,fuzz,simulation}\` and \`trials\`, and counts for each row those that have its id in their name. Rows about
bytes are sent to the layers without I/O and over TCP and TLS to a server and a client, in one write, byte by byte and cut at random.

The last column is \`ws\` ${run.ws}: the same bytes, sent to it for real over TCP, with its \`maxPayload\` as our \`maxMessageSize\` and all
else as it comes (so every Origin may connect: to judge it is left to its user), but for \`perMessageDeflate\`, which rows D offer. A status or a Close code is what it
answers where ours is another; "accepted": it told its user a message; "nothing": no answer within a second. "–" are rows that are not
bytes alone.

${run.date}, Node ${run.node}: ${withId} tests of ${tested.length} rows among ${results.length} tests, in ${run.seconds} s.

${groups.map(group => writeGroup(group, counts, outcomes)).join('\n\n')}
`
  return { text, missing: missing.map(({ id }) => id), failed: failed.map(({ id }) => id) }
}

function writeGroup(
  { letter, title, rows }: Group,
  counts: ReadonlyMap<string, Count>,
  outcomes: ReadonlyMap<string, readonly string[]>,
): string {
  const lines = rows.map(row =>
    [
      row.id,
      row.comes,
      row.does,
      writeCount(row, counts.get(row.id)),
      writeTheirs(outcomes.get(row.id)),
    ].join(' | '),
  )
  return `## ${letter}: ${title}

| id | what comes | what we do | tests | ws |
| --- | --- | --- | --- | --- |
${lines.map(line => `| ${line} |`).join('\n')}`
}

function writeCount({ elsewhere }: Row, count: Count | undefined): string {
  if (count !== undefined) return `${count.passed}/${count.all}`
  return elsewhere === undefined ? '**missing**' : `not here: ${elsewhere}`
}

/** "same", or what it did with how many of the row's inputs. */
function writeTheirs(outcomes: readonly string[] | undefined): string {
  if (outcomes === undefined) return '–'
  const counts = new Map<string, number>()
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const others = [...counts].filter(([outcome]) => outcome !== 'same')
  if (others.length === 0) return 'same'
  if (counts.size === 1) return others[0]![0]
  return others.map(([outcome, count]) => `${outcome} (${count} of ${outcomes.length})`).join('; ')
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

function groupById(outcomes: readonly Outcome[]): Map<string, string[]> {
  const byId = new Map<string, string[]>()
  for (const { name, outcome } of outcomes) {
    for (const id of idsIn(name)) byId.set(id, [...(byId.get(id) ?? []), outcome])
  }
  return byId
}
