// One case that was run against one implementation.

import type { Case } from '@ws/conformance-cases'
import type { Outcome } from './engine/outcome.ts'
import type { Verdict } from './engine/verdict.ts'

export interface CaseResult {
  readonly case: Case
  /** Its place in the list that was run, from 1. */
  readonly number: number
  /** The role of the implementation under test. */
  readonly peer: 'server' | 'client'
  readonly verdict: Verdict
  readonly outcome: Outcome
}

/** Whether a result counts against the implementation. */
export function isFailure({ verdict }: CaseResult, strict: boolean): boolean {
  const { behavior, behaviorClose } = verdict
  if (behavior === 'FAILED') return true
  return strict && (behavior === 'NON-STRICT' || !['OK', 'INFORMATIONAL'].includes(behaviorClose))
}
