// A folder of reports: index.json, one JSON per case, and report.html. Reports of several
// implementations share a folder.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compareIds } from '@ws/conformance-cases'
import type { CaseResult } from '../result.ts'
import { type CaseReport, createCaseReport } from './case-report.ts'
import { renderPage } from './page.ts'

/** One entry of `index.json`. */
export interface IndexEntry {
  readonly behavior: string
  readonly behaviorClose: string
  /** Milliseconds. */
  readonly duration: number
  readonly remoteCloseCode: number | null
  /** The name of the report in the same folder. */
  readonly reportfile: string
}

/** `index.json`: by agent, then by case. */
export type Index = Record<string, Record<string, IndexEntry>>

/** The name of a report: `my_server_case_1_1_1.json`. */
export function reportFileName(agent: string, id: string): string {
  const name = agent
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, ' ')
    .trim()
    .replaceAll(' ', '_')
  return `${name}_case_${id.replaceAll('.', '_')}.json`
}

/** Writes the reports of one agent and updates the index and the page. Returns the page's path. */
export async function writeReports(
  folder: string,
  agent: string,
  results: readonly CaseResult[],
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const entries: [string, IndexEntry][] = []
  for (const result of results) {
    const report = createCaseReport(result, agent)
    const reportfile = reportFileName(agent, report.id)
    await writeFile(join(folder, reportfile), `${JSON.stringify(report, null, 2)}\n`)
    const { behavior, behaviorClose, duration, remoteCloseCode } = report
    entries.push([report.id, { behavior, behaviorClose, duration, remoteCloseCode, reportfile }])
  }
  const index: Index = { ...(await readIndex(folder)), [agent]: Object.fromEntries(entries) }
  await writeFile(join(folder, 'index.json'), `${JSON.stringify(index, null, 2)}\n`)
  const page = join(folder, 'report.html')
  await writeFile(page, renderPage(await readReports(folder, index)))
  return page
}

/** The index of a folder; empty if there is none. */
async function readIndex(folder: string): Promise<Index> {
  try {
    return JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Index
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

async function readReports(folder: string, index: Index): Promise<CaseReport[]> {
  const reports: CaseReport[] = []
  for (const entries of Object.values(index)) {
    for (const { reportfile } of Object.values(entries))
      reports.push(JSON.parse(await readFile(join(folder, reportfile), 'utf8')) as CaseReport)
  }
  return reports.sort((a, b) => compareIds(a.id, b.id))
}
