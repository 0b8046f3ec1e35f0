// The judgement of a whole run, from the journals in its folder.

import { allRooms } from '../clients/assignment.ts'
import { readFaults, readRoom } from '../journal/journal.ts'
import type { FaultRecord } from '../journal/record.ts'
import { judgeFaults } from './fault-rules.ts'
import { type Counts, judgeRoom } from './judge.ts'
import type { Violation } from './verdict.ts'

/** The place of a run's journals, and its other facts. */
interface Recorded {
  readonly journals: string
  readonly rooms: number
  readonly mayLose: boolean
}

/** The result of a run. */
export interface RunJudgement {
  readonly counts: Counts
  readonly faults: readonly FaultRecord[]
  readonly violations: readonly Violation[]
}

/** One room after the other, because the journals of a long run do not fit into memory. */
export function judgeRun({ journals, rooms, mayLose }: Recorded): RunJudgement {
  const faults = readFaults(journals)
  const judgements = allRooms(rooms).map(room => judgeRoom({ ...readRoom(journals, room), faults, mayLose }))
  return {
    counts: judgements.map(({ counts }) => counts).reduce(add),
    faults,
    violations: [judgeFaults(faults), ...judgements.map(({ violations }) => violations)].flat(),
  }
}

function add(one: Counts, other: Counts): Counts {
  const names = Object.keys(one) as (keyof Counts)[]
  return Object.fromEntries(names.map(name => [name, one[name] + other[name]])) as unknown as Counts
}
