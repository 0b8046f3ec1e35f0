import { expect, test } from 'vitest'
import type { Draft, EntryContent, Json } from './entry.ts'
import { patchOf, type RoomState, readRoomState } from './room-state.ts'

const ANN = { id: 'u:ann', nick: 'Ann' }
const BOB = { id: 'u:bob', nick: 'Bob' }
const NOW = 1_000_000

const PLAIN: RoomState = { topic: '', locked: false, slow: 0, bans: new Map(), mutes: new Map() }

/** The state after all these entries, as a store keeps it. */
function after(...contents: readonly EntryContent[]): RoomState {
  const stored = new Map<string, Json>()
  for (const content of contents) {
    const draft: Draft = { ...content, cid: 'c', user: ANN }
    for (const [key, value] of Object.entries(patchOf(draft, NOW) ?? {})) {
      if (value === null) stored.delete(key)
      else stored.set(key, JSON.parse(JSON.stringify(value)))
    }
  }
  return readRoomState(stored)
}

function mod(data: Extract<EntryContent, { kind: 'mod' }>['data']): EntryContent {
  return { kind: 'mod', data }
}

test('a new room has no restrictions', () => {
  expect(after()).toEqual(PLAIN)
})

test.each<EntryContent>([
  { kind: 'msg', data: { body: 'hi' } },
  { kind: 'edit', data: { seq: 1, body: 'hi' } },
  { kind: 'del', data: { seq: 1 } },
  { kind: 'react', data: { seq: 1, emoji: '👍', on: true } },
  mod({ op: 'kick', user: BOB }),
])('an entry of kind $kind changes nothing', content => {
  expect(patchOf({ ...content, cid: 'c', user: ANN }, NOW)).toBeUndefined()
})

test.each<[string, Partial<RoomState>, readonly EntryContent[]]>([
  ['a topic', { topic: 'news' }, [{ kind: 'topic', data: { topic: 'news' } }]],
  [
    'no topic any more',
    {},
    [
      { kind: 'topic', data: { topic: 'news' } },
      { kind: 'topic', data: { topic: '' } },
    ],
  ],
  ['an owner', { owner: ANN.id }, [mod({ op: 'create' })]],
  ['a lock', { locked: true }, [mod({ op: 'lock', on: true })]],
  ['a lock, where nothing is said', { locked: true }, [mod({ op: 'lock' })]],
  ['no lock any more', {}, [mod({ op: 'lock' }), mod({ op: 'lock', on: false })]],
  ['slow mode', { slow: 30 }, [mod({ op: 'slow', secs: 30 })]],
  ['no slow mode any more', {}, [mod({ op: 'slow', secs: 30 }), mod({ op: 'slow', secs: 0 })]],
  ['a ban', { bans: new Map([[BOB.id, NOW + 60_000]]) }, [mod({ op: 'ban', user: BOB, secs: 60 })]],
  ['a ban for ever', { bans: new Map([[BOB.id, undefined]]) }, [mod({ op: 'ban', user: BOB })]],
  ['no ban any more', {}, [mod({ op: 'ban', user: BOB }), mod({ op: 'unban', user: BOB })]],
  [
    'only the ban of the other',
    { bans: new Map([[ANN.id, undefined]]) },
    [mod({ op: 'ban', user: BOB }), mod({ op: 'ban', user: ANN }), mod({ op: 'unban', user: BOB })],
  ],
  ['a mute of ten minutes', { mutes: new Map([[BOB.id, NOW + 600_000]]) }, [mod({ op: 'mute', user: BOB })]],
  ['a mute', { mutes: new Map([[BOB.id, NOW + 5000]]) }, [mod({ op: 'mute', user: BOB, secs: 5 })]],
  ['no mute any more', {}, [mod({ op: 'mute', user: BOB }), mod({ op: 'mute', user: BOB, secs: 0 })]],
])('%s', (_, expected, contents) => {
  expect(after(...contents)).toEqual({ ...PLAIN, ...expected })
})
