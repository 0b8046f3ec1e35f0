import { expect, test } from 'vitest'
import type { FaultRecord } from '../journal/record.ts'
import { judgeFaults, measureRecoveries } from './fault-rules.ts'

function fault(kind: string, to: number, recovered?: number): FaultRecord {
  return { t: 'fault', kind, from: to - 10, to, ...(recovered !== undefined && { recovered }) }
}

test('a recovery that takes too long, or never happens, is a violation', () => {
  const faults = [fault('kill node', 100, 5000), fault('kill Redis', 100, 5200), fault('stop Redis', 100)]
  expect(judgeFaults(faults)).toEqual([
    { verdict: 'slow recovery', room: 'all', what: 'fault 2, kill Redis: after 5100 ms' },
    { verdict: 'slow recovery', room: 'all', what: 'fault 3, stop Redis: not at all' },
  ])
})

test('recoveries are measured by kind', () => {
  const faults = [fault('b', 0, 30), fault('a', 0, 7), fault('b', 0, 10), fault('b', 0, 20), fault('b', 0)]
  expect(measureRecoveries(faults)).toEqual([
    { kind: 'a', count: 1, median: 7, longest: 7 },
    { kind: 'b', count: 4, median: 20, longest: 30 },
  ])
})
