import { expect, test } from 'vitest'
import { journalsOfTest } from '../test/journals.ts'
import { Journal, readFaults, readRoom } from './journal.ts'
import { now, type PublisherRecord, type SubscriberRecord } from './record.ts'

test('records are read back by source and in order', () => {
  const folder = journalsOfTest()
  const sent = { t: 'sent', at: 1, id: 'ann#1' } as const
  const cut = { t: 'cut', at: 2 } as const
  const seen = { t: 'seen', at: 3, seq: 1, id: 'ann#1' } as const
  const reading = { t: 'log', node: 1, epoch: 'e', top: 1, entries: [[1, 'ann#1']], folds: [] } as const
  const fault = { t: 'fault', kind: 'kill node', node: 0, from: 1, to: 2, recovered: 3 } as const
  const keeper = { t: 'keeper', room: 'room' } as const
  {
    using ann = Journal.of<PublisherRecord>(folder, {
      ...keeper,
      role: 'publisher',
      name: 'ann',
      rough: false,
    })
    using sue = Journal.of<SubscriberRecord>(folder, {
      ...keeper,
      role: 'subscriber',
      name: 'sue',
      rough: true,
    })
    using faults = Journal.ofFaults(folder)
    ann.add(sent)
    ann.add(cut)
    sue.add(seen)
    faults.add(fault)
    for (const node of [0, 1]) {
      using readings = Journal.ofReadings(folder, 'room')
      readings.add({ ...reading, node })
    }
  }
  expect(readRoom(folder, 'room')).toEqual({
    room: 'room',
    publishers: [{ name: 'ann', records: [sent, cut] }],
    subscribers: [{ name: 'sue', rough: true, records: [seen] }],
    readings: [{ ...reading, node: 0 }, reading],
  })
  expect(readFaults(folder)).toEqual([fault])
})

test('appended records are on disk after the turn', async () => {
  const folder = journalsOfTest()
  using journal = Journal.ofFaults(folder)
  expect(readFaults(folder)).toEqual([])
  journal.add({ t: 'fault', kind: 'kill node', from: 1, to: 2 })
  await new Promise(resolve => setImmediate(resolve))
  expect(readFaults(folder)).toHaveLength(1)
})

test('the clock is monotonic, in milliseconds', () => {
  const before = now()
  const start = performance.now()
  while (performance.now() - start < 5);
  expect(now() - before).toBeGreaterThanOrEqual(5)
})
