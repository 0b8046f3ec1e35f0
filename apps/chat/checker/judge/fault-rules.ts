// The rule for the time after a fault: every node soon stores messages again.

import type { FaultRecord } from '../journal/record.ts'
import type { Violation } from './verdict.ts'
import { RECOVERY } from './view-rules.ts'

/** The durations of recoveries from one kind of fault, in milliseconds. */
export interface Recoveries {
  readonly kind: string
  readonly count: number
  readonly median: number
  readonly longest: number
}

export function judgeFaults(faults: readonly FaultRecord[]): Violation[] {
  return faults.flatMap(({ kind, node, to, recovered }, index): Violation[] => {
    if (recovered !== undefined && recovered - to <= RECOVERY) return []
    const took = recovered === undefined ? 'not at all' : `after ${Math.round(recovered - to)} ms`
    const where = node === undefined ? '' : ` of node ${node}`
    return [{ verdict: 'slow recovery', room: 'all', what: `fault ${index + 1}, ${kind}${where}: ${took}` }]
  })
}

/** By kind, in the order of their names; those that did not recover are left out. */
export function measureRecoveries(faults: readonly FaultRecord[]): Recoveries[] {
  const kinds = Map.groupBy(faults, ({ kind }) => kind)
  return [...kinds]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([kind, all]) => {
      const times = all
        .flatMap(({ to, recovered }) => (recovered === undefined ? [] : [recovered - to]))
        .toSorted((a, b) => a - b)
      const median = times[Math.floor(times.length / 2)] ?? Number.NaN
      return { kind, count: all.length, median, longest: times.at(-1) ?? Number.NaN }
    })
}
