import { describe, expect, test } from 'vitest'
import type { Entry, EntryContent, Fold } from './entry.ts'
import { foldChange, MAX_EMOJI, MAX_REACTORS, targetOf, uniteReactions } from './fold.ts'

const place = { room: 'lobby', epoch: 'e', seq: 2, ts: 1, cid: 'c' }

function react(fold: Fold | undefined, user: string, emoji: string, on = true): Fold {
  return after(fold, { kind: 'react', data: { seq: 1, emoji, on } }, user)
}

function after(fold: Fold | undefined, content: EntryContent, user = 'ann', ts = 1): Fold {
  const change: Entry = { ...place, ...content, ts, user: { id: user, nick: user } }
  return foldChange(fold, change)
}

function edit(fold: Fold | undefined, body: string, ts: number): Fold {
  return after(fold, { kind: 'edit', data: { seq: 1, body } }, 'ann', ts)
}

test.each(['👍', 'constructor', '__proto__', 'toString'])('a reaction may be any text: %s', emoji => {
  const one = react(undefined, 'ann', emoji)
  expect(Object.entries(one.reactions!)).toEqual([[emoji, ['ann']]])
  const two = react(JSON.parse(JSON.stringify(one)), 'bob', emoji)
  expect(Object.entries(two.reactions!)).toEqual([[emoji, ['ann', 'bob']]])
  expect(react(two, 'ann', emoji, false).reactions![emoji]).toEqual(['bob'])
})

test.each<[EntryContent, number | undefined]>([
  [{ kind: 'edit', data: { seq: 7, body: 'x' } }, 7],
  [{ kind: 'del', data: { seq: 7 } }, 7],
  [{ kind: 'react', data: { seq: 7, emoji: '👍', on: true } }, 7],
  [{ kind: 'msg', data: { body: 'x', reply: 7 } }, undefined],
  [{ kind: 'topic', data: { topic: 'x' } }, undefined],
  [{ kind: 'mod', data: { op: 'create' } }, undefined],
])('%j changes %s', (content, target) => {
  expect(targetOf(content)).toBe(target)
})

describe('an edit', () => {
  test('replaces an earlier one, and keeps reactions', () => {
    const fold = edit(react(edit(undefined, 'one', 5), 'bob', '👍'), 'two', 6)
    expect(fold).toEqual({ body: 'two', edited: 6, reactions: { '👍': ['bob'] } })
  })

  test('does not change the fold before it', () => {
    const before = react(undefined, 'bob', '👍')
    const copy = structuredClone({ ...before, reactions: { ...before.reactions } })
    edit(before, 'one', 5)
    react(before, 'ann', '👍')
    react(before, 'bob', '👍', false)
    expect(before).toEqual(copy)
  })
})

test('a deletion removes everything, and later changes have no effect', () => {
  const deleted = after(react(edit(undefined, 'one', 5), 'bob', '👍'), { kind: 'del', data: { seq: 1 } })
  expect(deleted).toEqual({ deleted: true })
  expect(edit(deleted, 'two', 6)).toBe(deleted)
  expect(react(deleted, 'bob', '👍')).toBe(deleted)
})

describe('a reaction', () => {
  test('counts once for each user, and can be taken back', () => {
    const once = react(undefined, 'bob', '👍')
    expect(react(once, 'bob', '👍')).toEqual({ reactions: { '👍': ['bob'] } })
    expect(react(once, 'ann', '👍', false)).toEqual({ reactions: { '👍': ['bob'] } })
    expect(react(once, 'bob', '👎', false)).toEqual({ reactions: { '👍': ['bob'] } })
    expect(react(once, 'bob', '👍', false)).toEqual({})
    expect(react(undefined, 'bob', '👍', false)).toEqual({})
  })

  test('keeps the order of users', () => {
    const fold = ['cleo', 'ann', 'bob', 'ann'].reduce<Fold | undefined>(
      (all, user) => react(all, user, '👍'),
      undefined,
    )
    expect(fold?.reactions?.['👍']).toEqual(['cleo', 'ann', 'bob'])
  })

  test('is one for all spellings of an emoji, under the spelling that came first', () => {
    const both = react(react(undefined, 'ann', '❤\uFE0F'), 'bob', '❤')
    expect(both).toEqual({ reactions: { '❤\uFE0F': ['ann', 'bob'] } })
    expect(react(both, 'ann', '❤', false)).toEqual({ reactions: { '❤\uFE0F': ['bob'] } })
    expect(react(undefined, 'ann', '👍\uFE0E')).not.toEqual(react(undefined, 'ann', '👍'))
  })

  test('is not counted beyond the limits of emoji and users', () => {
    let fold: Fold | undefined
    for (let number = 0; number < MAX_EMOJI; number++) fold = react(fold, 'ann', `e${number}`)
    expect(Object.keys(react(fold, 'ann', 'more').reactions!)).toHaveLength(MAX_EMOJI)
    expect(react(fold, 'bob', 'e0').reactions!.e0).toEqual(['ann', 'bob'])
    for (let number = 1; number < MAX_REACTORS; number++) fold = react(fold, `u${number}`, 'e0')
    expect(react(fold, 'more', 'e0').reactions!.e0).toHaveLength(MAX_REACTORS)
    expect(react(fold, 'ann', 'e0').reactions!.e0).toHaveLength(MAX_REACTORS)
    expect(react(fold, 'ann', 'e0', false).reactions!.e0).toHaveLength(MAX_REACTORS - 1)
  })
})

describe('spellings of an emoji that were stored as different reactions', () => {
  const stored: Fold = {
    body: 'hi',
    reactions: {
      '👁\uFE0F‍🗨\uFE0F': ['ann'],
      '👍': ['ann', 'bob'],
      '👁‍🗨': ['bob'],
      '1\uFE0F⃣': ['ann'],
      '👁‍🗨\uFE0F': ['ann', 'cleo'],
      '1⃣': ['ann'],
      lol: ['bob'],
    },
  }
  const united: Fold = {
    body: 'hi',
    reactions: {
      '👁\uFE0F‍🗨\uFE0F': ['ann', 'bob', 'cleo'],
      '👍': ['ann', 'bob'],
      '1\uFE0F⃣': ['ann'],
      lol: ['bob'],
    },
  }

  test('become one, in which each user counts once', () => {
    expect(uniteReactions(stored)).toEqual(united)
    expect(Object.keys(uniteReactions(stored).reactions!)).toEqual(Object.keys(united.reactions!))
    expect(uniteReactions(united)).toBe(united)
    expect(uniteReactions({ deleted: true })).toEqual({ deleted: true })
  })

  test('become one with the next reaction', () => {
    expect(react(stored, 'dan', '👁‍🗨').reactions!['👁\uFE0F‍🗨\uFE0F']).toEqual(['ann', 'bob', 'cleo', 'dan'])
    expect(react(stored, 'ann', '1⃣', false).reactions).not.toHaveProperty('1\uFE0F⃣')
  })
})
