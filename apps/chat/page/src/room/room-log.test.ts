import { describe, expect, it } from 'vitest'
import type { EntryContent } from '../../../src/log/entry.ts'
import type { SyncPush, WireEntry } from '../../../src/wire/messages.ts'
import { MAX_ITEMS, RoomLog } from './room-log.ts'

const ann = { id: 'a', nick: 'Ann' }
const entry = (
  seq: number,
  content: EntryContent = { kind: 'msg', data: { body: `${seq}` } },
): WireEntry => ({
  ...content,
  seq,
  user: ann,
  ts: seq * 1000,
})
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => entry(from + i))
const page = (log: WireEntry[], top: number, oldest = 1) => ({ log, top, oldest })
const edit = (seq: number, target: number, body: string) =>
  entry(seq, { kind: 'edit', data: { seq: target, body } })
const seqs = (log: RoomLog) => log.items.map(item => item.entry.seq)
const sync = (more: Partial<SyncPush>): SyncPush => ({
  t: 'sync',
  room: 'lobby',
  epoch: 'e',
  from: 1,
  to: 0,
  ok: true,
  log: [],
  more: false,
  ...more,
})

function joined(top: number): RoomLog {
  const log = new RoomLog()
  log.begin('e', top, 1)
  return log
}

describe('live entries', () => {
  it('is applied once and in order', () => {
    const log = joined(0)
    expect([1, 2, 2, 1, 3].map(seq => log.apply(entry(seq)))).toEqual([
      'applied',
      'applied',
      'known',
      'known',
      'applied',
    ])
    expect(seqs(log)).toEqual([1, 2, 3])
  })

  it('is held while an earlier one is missing', () => {
    const log = joined(0)
    const seen: number[] = []
    log.apply(entry(1))
    expect(log.apply(entry(4))).toBe('missing')
    expect(log.apply(entry(3))).toBe('missing')
    expect(log.isMissing).toBe(true)
    log.apply(entry(2), ({ seq }) => seen.push(seq))
    expect(seen).toEqual([2, 3, 4])
    expect([seqs(log), log.last, log.isMissing]).toEqual([[1, 2, 3, 4], 4, false])
  })

  it('drops the oldest items beyond the limit', () => {
    const log = joined(0)
    for (const each of range(1, MAX_ITEMS + 10)) {
      log.apply(each)
      log.keep('newest')
    }
    expect([log.items.length, log.first, log.end, log.isAtEnd]).toEqual([MAX_ITEMS, 11, MAX_ITEMS + 10, true])
  })
})

describe('changes', () => {
  it('are folded into their message, and are not items', () => {
    const log = joined(0)
    log.apply(entry(1))
    log.apply(edit(2, 1, 'better'))
    log.apply(entry(3, { kind: 'react', data: { seq: 1, emoji: '👍', on: true } }))
    expect(log.items).toHaveLength(1)
    expect(log.find(1)?.fold).toMatchObject({ body: 'better', edited: 2000, reactions: { '👍': ['a'] } })
  })

  it('that a page already contains are not applied again', () => {
    const log = joined(0)
    log.apply(entry(1))
    log.apply(edit(2, 1, 'first'))
    log.goToEnd()
    log.addOlder(page([{ ...entry(1), fold: { body: 'second', edited: 3000 } }], 3))
    expect(log.find(1)?.fold?.body).toBe('second')
    log.apply(edit(3, 1, 'not what the page says'))
    expect(log.find(1)?.fold?.body).toBe('second')
  })

  it('that arrive while a page is loading are applied to it', () => {
    const log = joined(1)
    log.apply(edit(2, 1, 'meanwhile'))
    log.addOlder(page([entry(1)], 1))
    expect(log.find(1)?.fold?.body).toBe('meanwhile')
  })
})

describe('pages', () => {
  it('are added before the others, back to the oldest that is kept', () => {
    const log = joined(120)
    log.addOlder(page(range(71, 120), 120, 60))
    expect([log.first, log.isAtStart]).toEqual([71, false])
    log.addOlder(page(range(60, 70), 120, 60))
    expect([log.first, log.isAtStart, log.items.length]).toEqual([60, true, 61])
  })

  it('of changes only leave no gap', () => {
    const log = joined(10)
    log.addOlder(page([edit(9, 1, 'x'), edit(10, 1, 'y')], 10))
    expect([log.first, log.items.length]).toEqual([9, 0])
  })

  it('of a log without messages lead to its start', () => {
    const log = joined(0)
    log.addOlder(page([], 0))
    expect(log.isAtStart).toBe(true)
  })

  it('of the past detach the window from the end; new entries are known but not added', () => {
    const log = joined(1000)
    log.replace(page(range(401, 450), 1000))
    expect([log.first, log.end, log.isAtEnd]).toEqual([401, 450, false])
    expect(log.apply(entry(1001))).toBe('applied')
    expect([log.last, log.items.length]).toEqual([1001, 50])
  })

  it('of the past lead back to the end', () => {
    const log = joined(200)
    log.replace(page(range(51, 100), 200))
    log.addNewer(page(range(101, 200), 200))
    expect([log.isAtEnd, seqs(log).length]).toEqual([true, 150])
    log.apply(entry(201))
    expect(seqs(log).at(-1)).toBe(201)
  })

  it('that are older than live entries do not mark the end of the history too early', () => {
    const log = joined(100)
    log.replace(page(range(1, 50), 100))
    for (const each of range(101, 110)) log.apply(each)
    log.addNewer(page(range(51, 100), 100))
    expect([log.end, log.isAtEnd]).toEqual([100, false])
    log.addNewer(page(range(101, 110), 110))
    expect(seqs(log)).toEqual(range(1, 110).map(({ seq }) => seq))
  })

  it('are dropped at the other end', () => {
    const log = joined(1000)
    for (let before = 1001; before > 101; before -= 100)
      log.addOlder(page(range(before - 100, before - 1), 1000))
    expect([log.first, log.end, log.items.length, log.isAtEnd]).toEqual([101, 600, MAX_ITEMS, false])
  })
})

describe('sync', () => {
  it('applies missed entries', () => {
    const log = joined(0)
    log.apply(entry(1))
    expect(log.sync(sync({ from: 2, to: 4, log: range(2, 4) }))).toBe(true)
    expect(seqs(log)).toEqual([1, 2, 3, 4])
  })

  it('of another log empties the window, and marks a gap', () => {
    const log = joined(0)
    log.apply(entry(1))
    expect(log.sync(sync({ ok: false, epoch: 'f', from: 9, to: 8 }))).toBe(false)
    expect([log.items, log.last, log.first, log.gapAfter]).toEqual([[], 8, 9, 1000])
    expect(log.apply(entry(9))).toBe('applied')
  })

  it('is not a gap for an empty log', () => {
    const log = joined(0)
    log.sync(sync({ ok: false, epoch: 'f', to: 8 }))
    expect(log.gapAfter).toBeUndefined()
  })
})
