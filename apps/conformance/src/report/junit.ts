// A report for tools that read JUnit XML: one test suite for each group.

import type { CaseResult } from '../result.ts'
import { isFailure } from '../result.ts'

/** The text of the file. */
export function renderJunit(agent: string, results: readonly CaseResult[], strict: boolean): string {
  const suites = [...Map.groupBy(results, ({ case: each }) => each.group)].map(([group, members]) => {
    const failures = members.filter(member => isFailure(member, strict)).length
    const tests = members.map(member => renderCase(agent, member, strict)).join('\n')
    return `  <testsuite name="${escapeXml(group)}" tests="${members.length}" failures="${failures}" time="${seconds(members)}">\n${tests}\n  </testsuite>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escapeXml(agent)}">\n${suites.join('\n')}\n</testsuites>\n`
}

function renderCase(agent: string, result: CaseResult, strict: boolean): string {
  const { case: each, verdict, outcome } = result
  const open = `    <testcase classname="${escapeXml(agent)}" name="${escapeXml(`${each.id} ${each.title}`)}" time="${(outcome.duration / 1000).toFixed(3)}"`
  if (isFailure(result, strict)) {
    const message = `${verdict.behavior}: ${verdict.result}; closing ${verdict.behaviorClose}: ${verdict.resultClose}`
    return `${open}><failure message="${escapeXml(message)}">${escapeXml(each.requirement)}</failure></testcase>`
  }
  return verdict.behavior === 'UNIMPLEMENTED' ? `${open}><skipped/></testcase>` : `${open}/>`
}

function seconds(results: readonly CaseResult[]): string {
  return (results.reduce((sum, { outcome }) => sum + outcome.duration, 0) / 1000).toFixed(3)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** XML text. Characters that XML 1.0 does not allow become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[&<>"]/g, character => ENTITIES[character]!)
}
