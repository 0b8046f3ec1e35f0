// Verdicts of the conformance suite, and those that belong to a row.

import { cases } from '@ws/conformance-cases'
import type { Row } from './rows.ts'

/** What the suite says of one case. */
export interface CaseVerdict {
  readonly id: string
  /** `OK`, `NON-STRICT`, `FAILED`, `INFORMATIONAL` or `UNIMPLEMENTED`. */
  readonly verdict: string
}

/** The verdicts on the cases of a row. */
export function verdictsOf({ cases: patterns }: Row, verdicts: readonly CaseVerdict[]): CaseVerdict[] {
  return verdicts.filter(({ id }) => patterns.some(pattern => matches(pattern, id)))
}

/**
 * The ids of the cases that a pattern selects: one, or all that begin alike, as in `L3.*`; those for
 * a role, if it is given.
 */
export function findCases(pattern: string, role?: 'server' | 'client'): string[] {
  return cases
    .filter(({ id, only = role }) => matches(pattern, id) && (role === undefined || only === role))
    .map(({ id }) => id)
}

function matches(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern
}
