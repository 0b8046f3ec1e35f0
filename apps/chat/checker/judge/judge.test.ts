// The judge on handwritten journals: finds each violation, and reports no others.

import { describe, expect, test } from 'vitest'
import type { FaultRecord, PublisherRecord, Reading, SubscriberRecord } from '../journal/record.ts'
import { judgeRoom } from './judge.ts'
import type { RoomJournals } from './room-journals.ts'
import type { Verdict } from './verdict.ts'

// ── how journals are written here ─────────────────────────────────────────────────────────────────────────────────────────

const E = 'epoch-1'

function sent(at: number, id: string): PublisherRecord {
  return { t: 'sent', at, id }
}

function acknowledged(at: number, id: string, seq: number, epoch = E): PublisherRecord {
  return { t: 'acknowledged', at, id, epoch, seq }
}

function dup(at: number, id: string, seq: number): PublisherRecord {
  return { t: 'acknowledged', at, id, epoch: E, seq, dup: true }
}

function refused(at: number, id: string, temporary: boolean): PublisherRecord {
  return { t: 'refused', at, id, code: temporary ? 'unavailable' : 'bad_request', temporary }
}

function joined(at: number, seq: number, epoch = E): SubscriberRecord {
  return { t: 'joined', at, epoch, seq }
}

function seen(at: number, seq: number, id: string): SubscriberRecord {
  return { t: 'seen', at, seq, id }
}

/** Entries from the first position on, at these times or all at once. */
function seenAll(ids: readonly string[], at = 100): SubscriberRecord[] {
  return ids.map((id, index) => seen(at + index, index + 1, id))
}

function told(at: number, seq: number, epoch = E): SubscriberRecord {
  return { t: 'told', at, epoch, seq }
}

function log(ids: readonly string[], { node = 0, epoch = E, top = ids.length } = {}): Reading {
  return { t: 'log', node, epoch, top, entries: ids.map((id, index) => [index + 1, id]), folds: [] }
}

function fault(from: number, to: number, recovered?: number): FaultRecord {
  return { t: 'fault', kind: 'kill node', node: 0, from, to, ...(recovered !== undefined && { recovered }) }
}

/** Ann sends two messages and Bob one, one after the other; Sue is given all. */
const ANN: readonly PublisherRecord[] = [
  sent(10, 'ann#1'),
  acknowledged(12, 'ann#1', 1),
  sent(20, 'ann#2'),
  acknowledged(22, 'ann#2', 2),
]
const BOB: readonly PublisherRecord[] = [sent(30, 'bob#1'), acknowledged(32, 'bob#1', 3)]
const ALL = ['ann#1', 'ann#2', 'bob#1']
const SUE: readonly SubscriberRecord[] = [joined(1, 0), ...seenAll(ALL, 40)]

interface Written {
  readonly ann?: readonly PublisherRecord[]
  readonly bob?: readonly PublisherRecord[]
  readonly sue?: readonly SubscriberRecord[]
  readonly rough?: boolean
  readonly readings?: readonly Reading[]
  readonly faults?: readonly FaultRecord[]
  readonly mayLose?: boolean
}

function journals({ ann = ANN, bob = BOB, sue = SUE, ...others }: Written = {}): RoomJournals {
  const { rough = false, readings = [log(ALL)], faults = [], mayLose = false } = others
  return {
    room: 'room',
    publishers: [
      { name: 'ann', records: ann },
      { name: 'bob', records: bob },
    ],
    subscribers: [{ name: 'sue', rough, records: sue }],
    readings,
    faults,
    mayLose,
  }
}

/** The verdicts on these journals, each once. */
function verdicts(written: Written): Verdict[] {
  const { violations } = judgeRoom(journals(written))
  return [...new Set(violations.map(({ verdict }) => verdict))].toSorted((a, b) => a.localeCompare(b))
}

// ── what is right ─────────────────────────────────────────────────────────────────────────────────────────────────────────

describe('correct journals give no violations', () => {
  test('of a run without faults', () => {
    expect(verdicts({})).toEqual([])
    expect(judgeRoom(journals()).counts).toMatchObject({
      messages: 3,
      tries: 3,
      acknowledged: 3,
      duplicates: 0,
      entries: 3,
      seen: 3,
      told: 0,
    })
  })

  test('of a message that was never acknowledged, whether it is in the log or not', () => {
    const ann = [...ANN, sent(40, 'ann#3'), { t: 'cut', at: 50 } as const]
    expect(verdicts({ ann })).toEqual([])
    const all = [...ALL, 'ann#3']
    expect(verdicts({ ann, readings: [log(all)], sue: [joined(1, 0), ...seenAll(all)] })).toEqual([])
  })

  test('of a message that was refused temporarily, sent again, and turned out to be stored', () => {
    const bob = [sent(5, 'bob#1'), refused(6, 'bob#1', true), sent(30, 'bob#1'), dup(32, 'bob#1', 3)]
    expect(verdicts({ bob })).toEqual([])
    expect(judgeRoom(journals({ bob })).counts).toMatchObject({ tries: 4, refused: 1, duplicates: 1 })
  })

  test('of messages that were in progress at the same time', () => {
    const ann = [
      sent(10, 'ann#1'),
      sent(11, 'ann#2'),
      acknowledged(40, 'ann#2', 2),
      acknowledged(41, 'ann#1', 1),
    ]
    const bob = [sent(12, 'bob#1'), acknowledged(20, 'bob#1', 3)]
    expect(verdicts({ ann, bob, sue: [joined(1, 0), ...seenAll(ALL)] })).toEqual([])
  })

  test('of a publisher that retries on another connection', () => {
    const ann = [
      sent(10, 'ann#1'),
      sent(11, 'ann#2'),
      acknowledged(12, 'ann#2', 1),
      { t: 'cut', at: 13 } as const,
      sent(20, 'ann#1'),
      acknowledged(21, 'ann#1', 2),
    ]
    const all = ['ann#2', 'ann#1', 'bob#1']
    expect(verdicts({ ann, readings: [log(all)], sue: [joined(1, 0), ...seenAll(all)] })).toEqual([])
  })

  test('of a subscriber that resumes from its position', () => {
    const sue = [
      joined(1, 0),
      seen(40, 1, 'ann#1'),
      { t: 'cut', at: 50 } as const,
      joined(60, 1),
      seen(61, 2, 'ann#2'),
      seen(62, 3, 'bob#1'),
    ]
    expect(verdicts({ sue })).toEqual([])
  })

  test('of a subscriber that is told to start again', () => {
    const sue = [joined(1, 0), told(40, 2), seen(41, 3, 'bob#1')]
    expect(verdicts({ sue })).toEqual([])
    expect(judgeRoom(journals({ sue })).counts.told).toBe(1)
  })

  test('of entries that are late because of a fault or a rough network', () => {
    const sue = [joined(1, 0), ...seenAll(ALL, 9000)]
    expect(verdicts({ sue, faults: [fault(3000, 6000), fault(8000, 8001)] })).toEqual([])
    expect(verdicts({ sue, rough: true })).toEqual([])
  })

  test('of equal logs on all nodes, with entries of the room itself', () => {
    const all = ['<mod>', ...ALL]
    const ann = [
      sent(10, 'ann#1'),
      acknowledged(12, 'ann#1', 2),
      sent(20, 'ann#2'),
      acknowledged(22, 'ann#2', 3),
    ]
    const bob = [sent(30, 'bob#1'), acknowledged(32, 'bob#1', 4)]
    const sue = [joined(1, 0), ...seenAll(all)]
    expect(verdicts({ ann, bob, sue, readings: [log(all), log(all, { node: 1 })] })).toEqual([])
  })

  test('of a store that may lose writes, when the epoch reveals the loss', () => {
    const kept = ['ann#1', 'bob#1']
    const bob = [sent(30, 'bob#1'), acknowledged(32, 'bob#1', 2, 'epoch-2')]
    const sue = [
      joined(1, 0),
      seen(13, 1, 'ann#1'),
      seen(23, 2, 'ann#2'),
      told(28, 1, 'epoch-2'),
      seen(33, 2, 'bob#1'),
    ]
    const readings = [log(kept, { epoch: 'epoch-2' })]
    expect(verdicts({ bob, sue, readings, mayLose: true })).toEqual([])
    expect(judgeRoom(journals({ bob, sue, readings, mayLose: true })).counts.lostWithEpoch).toBe(1)
    // One that may not lose has no such excuse.
    expect(verdicts({ bob, sue, readings })).toEqual(['lost'])
  })
})

// ── what is wrong ─────────────────────────────────────────────────────────────────────────────────────────────────────────

describe('the judge finds each kind of violation:', () => {
  test('lost', () => {
    const readings = [log(['ann#1', 'ann#2'])]
    expect(verdicts({ readings, sue: [joined(1, 0), ...seenAll(['ann#1', 'ann#2'])] })).toEqual(['lost'])
  })

  test('lost: in the current epoch, even if the store may lose writes', () => {
    const readings = [log(['ann#1', 'ann#2'])]
    const sue = [joined(1, 0), ...seenAll(['ann#1', 'ann#2'])]
    expect(verdicts({ readings, sue, mayLose: true })).toEqual(['lost'])
  })

  test('duplicated', () => {
    const all = [...ALL, 'ann#2']
    expect(verdicts({ readings: [log(all)], sue: [joined(1, 0), ...seenAll(all)] })).toEqual(['duplicated'])
  })

  test('phantom', () => {
    const all = [...ALL, '<somebody else>']
    expect(verdicts({ readings: [log(all)], sue: [joined(1, 0), ...seenAll(all)] })).toEqual(['phantom'])
    const never = [...ALL, 'ann#9']
    expect(verdicts({ readings: [log(never)], sue: [joined(1, 0), ...seenAll(never)] })).toEqual(['phantom'])
  })

  test('gap: in the middle, at the beginning, at the end', () => {
    const whole = log(ALL)
    const bob = [sent(30, 'bob#1'), acknowledged(32, 'bob#1', 4)]
    const sue = [joined(1, 0), seen(40, 1, 'ann#1'), seen(41, 2, 'ann#2'), told(42, 3), seen(43, 4, 'bob#1')]
    const entries = [...whole.entries.slice(0, 2), [4, 'bob#1'] as const]
    expect(verdicts({ bob, sue, readings: [{ ...whole, top: 4, entries }] })).toEqual(['gap'])
    const late = whole.entries.slice(1)
    expect(
      verdicts({
        ann: ANN.slice(2),
        sue: [told(1, 1), ...SUE.slice(2)],
        readings: [{ ...whole, entries: late }],
      }),
    ).toEqual(['gap'])
    expect(verdicts({ readings: [log(ALL, { top: 4 })], sue: [...SUE, told(50, 4)] })).toEqual(['gap'])
  })

  test('misplaced', () => {
    const bob = [sent(30, 'bob#1'), acknowledged(32, 'bob#1', 7)]
    expect(verdicts({ bob })).toEqual(['misplaced'])
  })

  test('rewritten: a subscriber received another entry than the log has', () => {
    const sue = [joined(1, 0), ...seenAll(['ann#1', 'bob#1', 'ann#2'])]
    expect(verdicts({ sue })).toEqual(['rewritten'])
  })

  test('rewritten: two messages were acknowledged at one position', () => {
    const bob = [sent(30, 'bob#1'), acknowledged(32, 'bob#1', 2)]
    expect(verdicts({ bob })).toEqual(['misplaced', 'rewritten'])
  })

  test('rewritten: a store has lost writes, but kept the epoch', () => {
    const kept = ['ann#1', 'bob#1']
    const bob = [sent(30, 'bob#1'), acknowledged(32, 'bob#1', 2)]
    const sue = [joined(1, 0), seen(13, 1, 'ann#1'), seen(23, 2, 'ann#2'), told(28, 1), seen(33, 2, 'bob#1')]
    expect(verdicts({ bob, sue, readings: [log(kept)], mayLose: true })).toEqual(['lost', 'rewritten'])
  })

  test('real-time order', () => {
    const all = ['bob#1', 'ann#1', 'ann#2']
    const ann = [
      sent(10, 'ann#1'),
      acknowledged(12, 'ann#1', 2),
      sent(20, 'ann#2'),
      acknowledged(22, 'ann#2', 3),
    ]
    const bob = [sent(30, 'bob#1'), acknowledged(32, 'bob#1', 1)]
    const sue = [joined(1, 0), ...seenAll(all)]
    expect(verdicts({ ann, bob, sue, readings: [log(all)] })).toEqual(['real-time order'])
    // However late the entries in between were acknowledged.
    const slow = [...ann.slice(0, 1), acknowledged(90, 'ann#1', 2), ...ann.slice(2)]
    expect(verdicts({ ann: slow, bob, sue, readings: [log(all)] })).toEqual(['real-time order'])
    // By one that was never acknowledged, too.
    expect(verdicts({ ann, bob: [sent(30, 'bob#1')], sue, readings: [log(all)] })).toEqual([
      'real-time order',
    ])
  })

  test('publisher order', () => {
    const all = ['ann#2', 'ann#1', 'bob#1']
    const ann = [
      sent(10, 'ann#1'),
      sent(11, 'ann#2'),
      acknowledged(20, 'ann#1', 2),
      acknowledged(21, 'ann#2', 1),
    ]
    const sue = [joined(1, 0), ...seenAll(all)]
    expect(verdicts({ ann, sue, readings: [log(all)] })).toEqual(['publisher order'])
  })

  test('missed: live, and after resuming', () => {
    expect(verdicts({ sue: [joined(1, 0), seen(40, 1, 'ann#1'), seen(41, 3, 'bob#1')] })).toEqual(['missed'])
    const back = [joined(1, 0), seen(40, 1, 'ann#1'), joined(50, 1), seen(51, 3, 'bob#1')]
    expect(verdicts({ sue: back })).toEqual(['missed'])
    expect(verdicts({ sue: [joined(1, 0), ...SUE.slice(2)] })).toEqual(['missed'])
  })

  test('repeated: the same entry again, or an earlier one', () => {
    expect(verdicts({ sue: [...SUE, seen(50, 3, 'bob#1')] })).toEqual(['repeated'])
    expect(verdicts({ sue: [...SUE, seen(50, 1, 'ann#1')] })).toEqual(['repeated'])
  })

  test('behind: before the end, in an old epoch, without any entry', () => {
    expect(verdicts({ sue: SUE.slice(0, -1) })).toEqual(['behind'])
    expect(verdicts({ sue: [joined(1, 0)] })).toEqual(['behind'])
    expect(verdicts({ sue: [...SUE, told(50, 3, 'epoch-2')] })).toEqual(['behind'])
  })

  test('late: without a fault, and long after one', () => {
    const sue = [joined(1, 0), ...seenAll(ALL, 9000)]
    expect(verdicts({ sue })).toEqual(['late'])
    expect(verdicts({ sue, faults: [fault(100, 3000)] })).toEqual(['late'])
    expect(verdicts({ sue, faults: [fault(8000, 8001)] })).toEqual(['late'])
  })

  test('disagreement: about an entry, about the end, about the epoch', () => {
    const other = ['ann#1', 'bob#1', 'ann#2']
    expect(verdicts({ readings: [log(ALL), log(other, { node: 1 })] })).toContain('disagreement')
    expect(verdicts({ readings: [log(ALL), log(ALL.slice(0, 2), { node: 1 })] })).toEqual(['disagreement'])
    expect(verdicts({ readings: [log(ALL), log(ALL, { node: 1, epoch: 'epoch-2' })] })).toEqual([
      'disagreement',
    ])
  })

  test('refused', () => {
    const ann = [...ANN, sent(40, 'ann#3'), refused(41, 'ann#3', false)]
    expect(verdicts({ ann })).toEqual(['refused'])
  })

  test('forgotten, unless the store may lose', () => {
    const ann = [...ANN, { t: 'forgotten', at: 50 } as const]
    const sue = [...SUE, { t: 'forgotten', at: 50 } as const]
    expect(verdicts({ ann })).toEqual(['forgotten'])
    expect(verdicts({ sue })).toEqual(['forgotten'])
    expect(verdicts({ ann, sue, mayLose: true })).toEqual([])
  })
})

test('each violation names its subject', () => {
  const sue = [joined(1, 0), seen(40, 1, 'ann#1'), seen(41, 3, 'bob#1')]
  expect(judgeRoom(journals({ sue })).violations).toEqual([
    { verdict: 'missed', room: 'room', what: 'sue: 3 came behind 1 of epoch-1' },
  ])
})

test('incomplete journals are an error, not a judgment', () => {
  expect(() => judgeRoom(journals({ ann: ANN.slice(1) }))).toThrow('never sent')
  expect(() => judgeRoom(journals({ readings: [] }))).toThrow('no node')
})

describe('changed messages', () => {
  const changes: readonly PublisherRecord[] = [
    ...ANN,
    sent(40, 'ann#4'),
    acknowledged(42, 'ann#4', 4),
    sent(50, 'ann#5'),
    acknowledged(52, 'ann#5', 5),
    sent(60, 'react-1'),
    acknowledged(62, 'react-1', 6),
  ]
  const entries: Reading['entries'] = [
    [1, 'ann#1'],
    [2, 'ann#2'],
    [3, 'bob#1'],
    [4, 'ann#4', 1],
    [5, 'ann#5', 1],
    [6, 'react-1', 1],
  ]
  const sue = [
    joined(1, 0),
    ...seenAll(
      entries.map(([, id]) => id),
      70,
    ),
  ]
  const judge = (...folds: readonly Reading['folds'][]) =>
    judgeRoom(
      journals({
        ann: changes,
        sue,
        readings: folds.map((each, node) => ({ ...log([]), node, top: 6, entries, folds: each })),
      }),
    ).violations.map(({ verdict }) => verdict)

  test('messages that show their last edit and their reactions are correct', () => {
    expect(judge([[1, 'ann#5', 'react-1']])).toEqual([])
  })

  test.each<[string, Reading['folds']]>([
    ['as an earlier edit', [[1, 'ann#4', 'react-1']]],
    ['without a reaction', [[1, 'ann#5', '']]],
    ['unchanged', []],
    [
      'with a change that nobody made',
      [
        [1, 'ann#5', 'react-1'],
        [2, '', 'react-2'],
      ],
    ],
  ])('that a node gives %s are misread', (_, folds) => {
    expect(judge([[1, 'ann#5', 'react-1']], folds)).toEqual(['misread'])
  })
})
