// The judgement of a whole run, from the journals in its folder.

import { allRooms } from '../clients/assignment.ts'
import { readFaults, readRoom } from '../journal/journal.ts'
import type { FaultRecord } from '../journal/record.ts'
import { judgeFaults } from './fault-rules.ts'
import { type Counts, judgeRoom } from './judge.ts'
import type { Violation } from './verdict.ts'

/** Where the journals of a run are, and what is to be known of it beside them. */
interface Recorded {
  readonly journals: string
  readonly rooms: number
  readonly mayLose: boolean
}

/** What a run came to. */
export interface RunJudgement {
  readonly counts: Counts
  readonly faults: readonly FaultRecord[]
  readonly violations: readonly Violation[]
}

/** One room after the other: what a long run wrote does not fit into memory all at once. */
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
