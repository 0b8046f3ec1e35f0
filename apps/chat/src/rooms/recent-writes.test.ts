import { expect, test } from 'vitest'
import { SlowMode } from '../policy/slow-mode.ts'
import { Recent } from './recent-writes.ts'

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

test('the last thousand entries are found by user and cid', () => {
  const recent = new Recent()
  for (let seq = 1; seq <= 1001; seq++) recent.add(entry(`c${seq}`, 'u', seq))
  expect(recent.find('u', 'c1')).toBe(undefined)
  expect(recent.find('u', 'c2')).toEqual({ epoch: 'e', seq: 2, ts: 5 })
  expect(recent.find('v', 'c2')).toBe(undefined)
  recent.clear()
  expect(recent.find('u', 'c2')).toBe(undefined)
})

test('slow mode delays each user separately, and no retries', () => {
  const slow = new SlowMode()
  slow.sent('u', 'c1', 1000)
  expect(slow.wait('u', 'c2', 30, 11_000)).toBe(20_000)
  expect(slow.wait('u', 'c1', 30, 11_000)).toBe(0)
  expect(slow.wait('v', 'c2', 30, 11_000)).toBe(0)
  expect(slow.wait('u', 'c2', 30, 31_000)).toBe(0)
})
