// Workflow commands of GitHub Actions: a line that the run's page shows for each failure.

import { formatSections } from '../describe.ts'
import type { CaseResult } from '../result.ts'
import { isFailure } from '../result.ts'

/** One line for each result that counts against the implementation. */
export function renderAnnotations(results: readonly CaseResult[], strict: boolean): string[] {
  return results
    .filter(result => isFailure(result, strict) || result.verdict.behavior === 'NON-STRICT')
    .map(result => {
      const { case: each, verdict } = result
      const level = isFailure(result, strict) ? 'error' : 'warning'
      const title = `${each.id} ${each.title}`
      const text = `${verdict.result}; ${verdict.resultClose} (${formatSections(each.rfc)})`
      return `::${level} title=${escapeProperty(title)}::${escapeData(text)}`
    })
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
