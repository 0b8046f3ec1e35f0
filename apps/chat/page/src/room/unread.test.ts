import { expect, it } from 'vitest'
import { Unread } from './unread.ts'

const state = ({ count, mentions, upTo }: Unread) => ({ count, mentions, upTo })

it('unread messages are counted once each, with their mentions', () => {
  const unread = new Unread()
  unread.read(2)
  expect([unread.add(2, true), unread.add(3, true), unread.add(3, true), unread.add(4, false)]).toEqual([
    false,
    true,
    true,
    true,
  ])
  expect(state(unread)).toEqual({ count: 2, mentions: 1, upTo: 2 })
})

it('a deleted message is no longer unread, and an edit changes its mentions', () => {
  const unread = new Unread()
  unread.add(1, true)
  unread.add(2, false)
  unread.remove(1)
  unread.change(2, true)
  unread.change(9, true)
  expect(state(unread)).toEqual({ count: 1, mentions: 1, upTo: 0 })
})

it('reading a part leaves the rest unread, and is never undone', () => {
  const unread = new Unread()
  for (const seq of [1, 2, 3]) unread.add(seq, seq === 3)
  unread.read(2)
  unread.read(1)
  expect(state(unread)).toEqual({ count: 1, mentions: 1, upTo: 2 })
})
