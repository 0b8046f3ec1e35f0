// `ws-conformance cases`: lists and explains the cases.

import { type Case, cases, isHandshake } from '@ws/conformance-cases'
import { describeExpectation, describeSending, formatSections } from '../describe.ts'
import { type Selection, toExpression } from '../select.ts'
import { UsageError } from '../usage-error.ts'

/** Prints the cases: one line each, in detail, or as JSON. */
export function listCases({
  explain,
  json,
  ...selection
}: Selection & { explain: boolean; json: boolean }): void {
  const list = select(selection)
  if (json) console.log(JSON.stringify(list, null, 2))
  else if (explain) console.log(list.map(explainCase).join('\n\n'))
  else console.log(list.map(({ id, title }) => `${id.padEnd(8)} ${title}`).join('\n'))
}

function select({ only, exclude = [] }: Selection): Case[] {
  const matches = (patterns: readonly string[], id: string) =>
    patterns.some(pattern => toExpression(pattern).test(id))
  const list = cases.filter(({ id }) => (only === undefined || matches(only, id)) && !matches(exclude, id))
  if (list.length === 0) throw new UsageError(`no case matches "${only?.join(',')}"`)
  return list
}

function explainCase(each: Case): string {
  const lines = [`${each.id}  ${each.title}`, `  group     ${each.group}`]
  const sections = `  standard  ${formatSections(each.rfc)}: ${each.requirement}`
  if (each.only !== undefined) lines.push(`  tests     ${each.only}s only`)
  if (isHandshake(each))
    return [...lines, sections, ...each.head.map(line => `  sends     ${line}`)].join('\n')
  return [
    ...lines,
    sections,
    ...describeSending(each).map(step => `  sends     ${step}`),
    `  expects   ${describeExpectation(each)}`,
  ].join('\n')
}
