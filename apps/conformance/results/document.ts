// docs/conformance-results.md: verdicts of implementations, from folders of reports. Reads no file.

import { compareIds } from '@ws/conformance-cases'
import type { Index, IndexEntry } from '../src/report/folder.ts'

/** Reports of servers, and of clients. */
export interface Runs {
  readonly servers: Index
  readonly clients: Index
  /** `2026-11-24`. */
  readonly date: string
  /** `2 cores, Linux 6.1, Node 26.10.0`. */
  readonly machine: string
}

const COLUMNS = ['OK', 'NON-STRICT', 'FAILED', 'INFORMATIONAL', 'UNIMPLEMENTED'] as const
const isWellKnown = (id: string): boolean => /^\d/.test(id)

/** The whole document. */
export function formatDocument({ servers, clients, date, machine }: Runs): string {
  return [
    '# Conformance of implementations',
    `Verdicts of [\`ws-conformance\`](../apps/conformance/README.md) on ${date} (${machine}). \`pnpm --filter @ws/conformance results\` writes this page from reports. The well-known cases are those of groups 1 to 13; the others are our own, and stricter. Messages of up to 64 MiB and 131,072 fragments were allowed where the default is less, and compression was on.`,
    ...formatRole('Servers', servers),
    ...formatRole('Clients', clients),
    '## What this does not cover',
    'WebSocket over HTTP/2 (RFC 8441) has no cases: the runner speaks HTTP/1.1 only. uWebSockets.js could not be measured: it is not in the npm registry, and the copies there need a newer C library. Every implementation ran three of the eighteen sizes of each group with compression; our server passes all of them (`.ci/conformance full`). Failures that a busy machine can cause were measured again. Cases marked as not run were cut off after ten minutes.',
  ]
    .join('\n\n')
    .concat('\n')
}

function formatRole(title: string, index: Index): string[] {
  const agents = Object.keys(index)
  return [
    `## ${title}`,
    '### Well-known cases',
    formatCounts(agents.map(agent => [agent, pick(index[agent]!, isWellKnown)])),
    '### Our own cases',
    formatCounts(agents.map(agent => [agent, pick(index[agent]!, id => !isWellKnown(id))])),
    '### Cases that are not OK',
    formatExceptions(index),
  ]
}

function pick(entries: Index[string], isWanted: (id: string) => boolean): IndexEntry[] {
  return Object.entries(entries).flatMap(([id, entry]) => (isWanted(id) ? [entry] : []))
}

function formatCounts(rows: readonly (readonly [string, readonly IndexEntry[]])[]): string {
  const head = ['', 'OK', 'not strict', 'failed', 'informational', 'unimplemented', 'closing not OK']
  const body = rows.map(([agent, entries]) => [
    agent,
    ...COLUMNS.map(column => count(entries, ({ behavior }) => behavior === column)),
    count(entries, entry => entry.behavior !== 'FAILED' && isClosingWrong(entry)),
  ])
  return formatTable([head, ...body])
}

function isClosingWrong({ behaviorClose }: IndexEntry): boolean {
  return behaviorClose !== 'OK' && behaviorClose !== 'INFORMATIONAL'
}

function count(entries: readonly IndexEntry[], isCounted: (entry: IndexEntry) => boolean): string {
  const found = entries.filter(isCounted).length
  return found === 0 ? '' : String(found)
}

/** A line for each implementation and verdict, with the ids, and one for the cases it did not run. */
function formatExceptions(index: Index): string {
  const all = [...new Set(Object.values(index).flatMap(entries => Object.keys(entries)))]
  const lines = Object.entries(index).flatMap(([agent, entries]) => {
    const groups = Map.groupBy(
      Object.entries(entries).filter(([, entry]) => entry.behavior !== 'INFORMATIONAL' && !isRight(entry)),
      ([, entry]) =>
        isClosingWrong(entry) && entry.behavior === 'OK' ? entry.behaviorClose : entry.behavior,
    )
    const missing = all.filter(id => !(id in entries))
    return [
      ...[...groups].map(([verdict, found]) => `- ${agent}, ${verdict}: ${shorten(found.map(([id]) => id))}`),
      ...(missing.length === 0 ? [] : [`- ${agent}, not run: ${shorten(missing)}`]),
    ]
  })
  return lines.length === 0 ? 'None.' : lines.join('\n')
}

function isRight(entry: IndexEntry): boolean {
  return entry.behavior === 'OK' && !isClosingWrong(entry)
}

/** Ids that differ in their last part are joined: `6.4.1–4`. */
function shorten(ids: readonly string[]): string {
  const ranges: { prefix: string; first: number; last: number }[] = []
  for (const id of ids.toSorted(compareIds)) {
    const dot = id.lastIndexOf('.')
    const [prefix, number] = [id.slice(0, dot), Number(id.slice(dot + 1))]
    const range = ranges.at(-1)
    if (range?.prefix === prefix && range.last === number - 1) range.last = number
    else ranges.push({ prefix, first: number, last: number })
  }
  return ranges
    .map(({ prefix, first, last }) => `${prefix}.${first === last ? first : `${first}–${last}`}`)
    .join(', ')
}

function formatTable(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows.map(row => `| ${row.join(' | ')} |`)
  const line = `|${rows[0]!.map((_, i) => (i === 0 ? ' --- ' : ' ---: ')).join('|')}|`
  return [head, line, ...body].join('\n')
}
