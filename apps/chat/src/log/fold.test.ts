import { expect, test } from 'vitest'
import type { Entry, Fold } from './entry.ts'
import { foldChange } from './fold.ts'

const place = { room: 'lobby', epoch: 'e', seq: 2, ts: 1, cid: 'c' }

function react(fold: Fold | undefined, user: string, emoji: string, on = true): Fold {
  const data = { seq: 1, emoji, on }
  const change: Entry = { ...place, kind: 'react', data, user: { id: user, nick: user } }
  return foldChange(fold, change)
}

test.each(['👍', 'constructor', '__proto__', 'toString'])('a reaction may be any text: %s', emoji => {
  const one = react(undefined, 'ann', emoji)
  expect(Object.entries(one.reactions!)).toEqual([[emoji, ['ann']]])
  const two = react(JSON.parse(JSON.stringify(one)), 'bob', emoji)
  expect(Object.entries(two.reactions!)).toEqual([[emoji, ['ann', 'bob']]])
  expect(react(two, 'ann', emoji, false).reactions![emoji]).toEqual(['bob'])
})
