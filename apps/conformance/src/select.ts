// Chooses cases by the patterns of a command line or a query.

import { type Case, cases, compareIds } from '@ws/conformance-cases'

/** Which cases to run. Patterns are ids, with `*` for any text; undefined selects all. */
export interface Selection {
  readonly only?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
}

/**
 * The cases for a peer of this role, sorted by id. Throws a RangeError for a pattern that selects
 * nothing.
 */
export function selectCases(peer: 'server' | 'client', { only, exclude = [] }: Selection): Case[] {
  const all = cases.filter(each => each.only === undefined || each.only === peer)
  const [included, excluded] = [only?.map(toExpression), exclude.map(toExpression)]
  for (const [i, expression] of (included ?? []).entries()) {
    if (!all.some(({ id }) => expression.test(id)))
      throw new RangeError(`no case for a ${peer} matches "${only![i]}"; ws-conformance cases lists them`)
  }
  return all
    .filter(({ id, optional }) => included?.some(expression => expression.test(id)) ?? !optional)
    .filter(({ id }) => !excluded.some(expression => expression.test(id)))
    .sort((a, b) => compareIds(a.id, b.id))
}

/** A pattern as a regular expression: `1.*` matches 1.1.1 and 1.2.8. */
export function toExpression(pattern: string): RegExp {
  const parts = pattern.split('*').map(part => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`)
}
