// report.html: a table of cases and implementations, and a wire view of each case. One file that
// needs nothing else.

import { readFileSync } from 'node:fs'
import { cases } from '@ws/conformance-cases'
import { formatSections } from '../describe.ts'
import type { CaseReport } from './case-report.ts'

const PAGE = readFileSync(new URL('../../page/page.html', import.meta.url), 'utf8')
const STYLE = readFileSync(new URL('../../page/page.css', import.meta.url), 'utf8')
const SCRIPT = readFileSync(new URL('../../page/page.js', import.meta.url), 'utf8')

/** The page for these reports, which are sorted by case. */
export function renderPage(reports: readonly CaseReport[]): string {
  const known = new Map(cases.map(each => [each.id, each]))
  const agents = [...new Set(reports.map(({ agent }) => agent))]
  const ids = [...new Set(reports.map(({ id }) => id))]
  const data = {
    agents,
    cases: ids.map(id => {
      const each = known.get(id)
      return {
        id,
        group: each?.group ?? 'other',
        title: each?.title ?? id,
        requirement: each?.requirement ?? '',
        rfc: each === undefined ? '' : formatSections(each.rfc),
      }
    }),
    reports: reports.map(report => ({
      id: report.id,
      agent: agents.indexOf(report.agent),
      behavior: report.behavior,
      behaviorClose: report.behaviorClose,
      result: report.result,
      resultClose: report.resultClose,
      expectation: report.expectation,
      duration: report.duration,
      started: report.started,
      request: report.httpRequest,
      response: report.httpResponse,
      localCloseCode: report.localCloseCode,
      remoteCloseCode: report.remoteCloseCode,
      wirelog: report.wirelog.filter(([kind]) => kind !== 'TO' && kind !== 'RO').slice(0, MOST_ENTRIES),
    })),
  }
  // A `<` in JSON could end the script element.
  const json = JSON.stringify(data).replaceAll('<', String.raw`\u003c`)
  return PAGE.replace('{}', () => json)
    .replace('/* page.css */', () => STYLE)
    .replace('/* page.js */', () => SCRIPT)
}

/** Entries of a wire view. */
const MOST_ENTRIES = 200
