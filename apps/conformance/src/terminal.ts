// What a run shows in the terminal: progress while it runs, then a summary. Failures are explained.

import { styleText } from 'node:util'
import { isHandshake } from '@ws/conformance-cases'
import { describeExpectation, describeObserved, describeSending, formatSections } from './describe.ts'
import { formatVerdict } from './expectations.ts'
import { type CaseResult, isFailure } from './result.ts'

/** Shows progress on one line of stderr, if that is a terminal. */
export class Progress {
  readonly #total: number
  #failures = 0

  constructor(total: number) {
    this.#total = total
  }

  show(result: CaseResult, done: number): void {
    if (isFailure(result, false)) this.#failures++
    if (!process.stderr.isTTY) return
    const failed = this.#failures === 0 ? '' : styleText('red', `, ${this.#failures} failed`)
    process.stderr.write(`\r\u001b[K${done} of ${this.#total} cases${failed}  ${result.case.id}`)
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  }
}

const COLORS = {
  OK: 'green',
  'NON-STRICT': 'yellow',
  FAILED: 'red',
  INFORMATIONAL: 'blue',
  UNIMPLEMENTED: 'blue',
} as const

/** How many results there are of each verdict: `514 OK, 3 informational`. */
function countVerdicts(results: readonly CaseResult[]): string {
  const counts = Map.groupBy(results, ({ verdict }) => verdict.behavior)
  return (['OK', 'NON-STRICT', 'FAILED', 'INFORMATIONAL', 'UNIMPLEMENTED'] as const)
    .filter(behavior => counts.has(behavior))
    .map(behavior => {
      const name = behavior === 'OK' ? 'OK' : behavior.toLowerCase()
      return styleText(COLORS[behavior], `${counts.get(behavior)!.length} ${name}`)
    })
    .join(', ')
}

/** The lines of the summary: a line for each group, then each case that is not as it should be. */
export function summarize(results: readonly CaseResult[], seconds: number): string {
  const lines: string[] = []
  for (const [group, members] of Map.groupBy(results, ({ case: each }) => each.group)) {
    lines.push(`  ${group.padEnd(26)} ${countVerdicts(members)}`)
  }
  for (const result of results) {
    const { behavior, behaviorClose } = result.verdict
    const isRight = behavior === 'OK' && behaviorClose === 'OK'
    if (!isRight && behavior !== 'INFORMATIONAL' && behavior !== 'UNIMPLEMENTED')
      lines.push(...(behavior === 'FAILED' ? ['', ...explain(result)] : [note(result)]))
  }
  return [...lines, '', `${results.length} cases in ${seconds.toFixed(1)} s: ${countVerdicts(results)}`].join(
    '\n',
  )
}

/** One result in a line. */
function note(result: CaseResult): string {
  const { behavior, behaviorClose, result: why, resultClose } = result.verdict
  const title = styleText(COLORS[behavior], formatVerdict(result))
  return `${styleText('bold', result.case.id)} ${title}  ${behaviorClose === 'OK' ? why : resultClose}: ${result.case.title}`
}

/** One result in detail: what was sent, what was received, what the standard asks. */
export function explain(result: CaseResult): string[] {
  const { case: each, verdict, outcome } = result
  const { behavior, behaviorClose, resultClose } = verdict
  const title = styleText(COLORS[behavior], formatVerdict(result))
  const lines = [`${styleText('bold', each.id)} ${title}  ${each.title}`]
  const add = (name: string, text: string) => lines.push(`  ${name.padEnd(9)} ${text}`)
  if (isHandshake(each)) {
    add('sent', each.head.join(' ⏎ '))
    add(
      'received',
      (each.only === 'server' ? outcome.response : outcome.request).split('\r\n', 1)[0] || 'nothing',
    )
  } else {
    const sent = describeSending(each)
    add('sent', sent.length > 8 ? `${sent.slice(0, 8).join('; ')}; …` : sent.join('; '))
    const received = outcome.events.slice(0, 8).map(describeObserved)
    if (outcome.closeReceived) received.push(`close ${outcome.remoteCode ?? 'without a code'}`)
    add('received', received.length === 0 ? 'nothing' : received.join('; '))
    add('expected', describeExpectation(each))
  }
  add('why', verdict.result)
  if (behaviorClose !== 'OK' && resultClose !== verdict.result) add('closing', resultClose)
  add('standard', `${formatSections(each.rfc)}: ${each.requirement}`)
  return lines
}
