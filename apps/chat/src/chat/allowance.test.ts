import { expect, test } from 'vitest'
import { Allowance } from './allowance.ts'
import { Attempts } from './attempts.ts'
import { Recent } from './recent.ts'
import { SlowMode } from './slow-mode.ts'

test('an allowance gives a burst, then its rate, and says how long to wait', () => {
  const allowance = new Allowance({ perSecond: 2, burst: 3 }, 0)
  expect([0, 0, 0, 0].map(now => allowance.take(now))).toEqual([0, 0, 0, 500])
  expect(allowance.take(400)).toBe(100)
  expect(allowance.take(500)).toBe(0)
  expect(allowance.take(500)).toBe(500)
  expect(allowance.isFull(1999)).toBe(false)
  expect(allowance.isFull(2000)).toBe(true)
  // However long the rest, no more than a burst.
  expect([99_000, 99_000, 99_000, 99_000].map(now => allowance.take(now))).toEqual([0, 0, 0, 500])
})

test('a clock that goes back gives nothing, and takes nothing', () => {
  const allowance = new Allowance({ perSecond: 1, burst: 1 }, 1000)
  expect(allowance.take(0)).toBe(0)
  expect(allowance.take(0)).toBe(1000)
})

test('attempts are counted by address and by nick', () => {
  const attempts = new Attempts()
  for (let i = 0; i < 10; i++) expect(attempts.take(`address ${i}`, 'ann', 0)).toBe(0)
  expect(attempts.take('address 10', 'ann', 0)).toBe(20_000)
  for (let i = 0; i < 20; i++) expect(attempts.take('here', `nick ${i}`, 0)).toBe(0)
  expect(attempts.take('here', 'nick 20', 0)).toBe(10_000)
})

test('attempts remember a bounded number, those who rested not at all', () => {
  const attempts = new Attempts()
  for (let i = 0; i < 10; i++) attempts.take('a', 'ann', 0)
  for (let i = 0; i < 10_000; i++) attempts.take(`address ${i}`, `nick ${i}`, 0)
  // Ann was the first to be forgotten.
  expect(attempts.take('b', 'ann', 0)).toBe(0)
})

const entry = (cid: string, user = 'u', seq = 1) =>
  ({
    room: 'a',
    epoch: 'e',
    seq,
    ts: 5,
    cid,
    user: { id: user, nick: 'n' },
    kind: 'topic',
    data: { topic: '' },
  }) as const

test('recent entries are found by user and cid, the last thousand of them', () => {
  const recent = new Recent()
  for (let seq = 1; seq <= 1001; seq++) recent.add(entry(`c${seq}`, 'u', seq))
  expect(recent.find('u', 'c1')).toBe(undefined)
  expect(recent.find('u', 'c2')).toEqual({ epoch: 'e', seq: 2, ts: 5 })
  expect(recent.find('v', 'c2')).toBe(undefined)
  recent.clear()
  expect(recent.find('u', 'c2')).toBe(undefined)
})

test('slow mode makes users wait, each for himself, a retry not', () => {
  const slow = new SlowMode()
  slow.sent('u', 'c1', 1000)
  expect(slow.wait('u', 'c2', 30, 11_000)).toBe(20_000)
  expect(slow.wait('u', 'c1', 30, 11_000)).toBe(0)
  expect(slow.wait('v', 'c2', 30, 11_000)).toBe(0)
  expect(slow.wait('u', 'c2', 30, 31_000)).toBe(0)
})
