// Memory, SQLite and Redis give the same answers to any sequence of operations.

import { withRedis } from '@ws/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine, HistoryQuery, SearchQuery } from '../../src/engine/engine.ts'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import type { Draft, EntryContent } from '../../src/log/entry.ts'
import { banOf, type Guard, lockOf } from '../../src/log/room-state.ts'
import { type EngineKind, REDIS, SQLITE, startRedis, stopRedis } from './kinds.ts'
import { Recorder } from './recorder.ts'

const START = 1e12

/**
 * An operation on both engines, which must give the same answer. `restart` applies only to the one
 * that outlives its process.
 */
type Step =
  | { readonly name: string; ask(engine: Engine, clock: { time: number }): Promise<unknown> }
  | 'restart'

const room = fc.constantFrom('lobby', 'lobby', 'den', 'nowhere')
const user = fc.constantFrom('ann', 'bob', 'cleo')
const nick = fc.constantFrom('Ann', 'ANN', 'Bob', 'ｂｏｂ', 'Cleo', 'Ä', 'A\u0308')
const cid = fc.nat({ max: 30 }).map(number => `c${number}`)
const seq = fc.integer({ min: -1, max: 25 })
const word = fc.constantFrom(
  ...['one', 'Onë', 'only', 'two', 'TWO', 'three', '"', 'AND', '*', 'ß', '-'],
  ...['東京', '京', '東、京', 'one東', '회의', '의', 'กิน', 'กน', 'नम', '👍', '👍🏽', '❤️', '👩‍🚀', '¦'],
)
const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.array(word, { maxLength: 4 }), fc.constantFrom(' ', ' ', ''))
      .map(([words, between]) => words.join(between)),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 10 }) },
)
const time = fc.integer({ min: 0, max: 2 * 3_600_000 })
const patch = fc.dictionary(
  fc.constantFrom('topic', 'locked', 'ban:ann'),
  fc.oneof(
    fc.constant(null),
    fc.boolean(),
    text,
    time.map(until => START + until),
  ),
)
/** Prefers restrictions that are rarely in force. */
const guard: fc.Arbitrary<Guard> = fc.array(
  fc.oneof(
    fc.tuple(user, room).map(([id, at]) => banOf(id, at)),
    room.map(lockOf),
  ),
  { maxLength: 2 },
)
const options = fc.record(
  {
    patch,
    guard,
    expels: fc.record({ user, from: fc.constantFrom('room' as const, 'all rooms' as const) }),
  },
  { requiredKeys: [] },
)

const content: fc.Arbitrary<EntryContent> = fc.oneof(
  { weight: 4, arbitrary: text.map(body => ({ kind: 'msg' as const, data: { body } })) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('edit' as const), data: fc.record({ seq, body: text }) }),
  },
  { weight: 1, arbitrary: seq.map(at => ({ kind: 'del' as const, data: { seq: at } })) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('react' as const),
      data: fc.record({ seq, emoji: fc.constantFrom('👍', '__proto__'), on: fc.boolean() }),
    }),
  },
  { weight: 1, arbitrary: text.map(topic => ({ kind: 'topic' as const, data: { topic } })) },
)

const query: fc.Arbitrary<HistoryQuery> = fc
  .tuple(fc.constantFrom('before', 'after', 'newest'), seq, fc.integer({ min: 0, max: 12 }))
  .map(([from, at, limit]) => (from === 'newest' ? { limit } : { [from]: at, limit }))

const searching: fc.Arbitrary<SearchQuery> = fc.record(
  { text, limit: fc.integer({ min: 1, max: 4 }), rooms: fc.array(room), except: fc.array(room) },
  { requiredKeys: ['text', 'limit'] },
)

function step<Values extends unknown[]>(
  name: string,
  values: { readonly [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  ask: (engine: Engine, values: Values, clock: { time: number }) => Promise<unknown>,
): fc.Arbitrary<Step> {
  const arbitrary = fc.tuple(...values) as unknown as fc.Arbitrary<Values>
  return arbitrary.map(chosen => ({
    name: `${name} ${JSON.stringify(chosen)}`,
    ask: (engine, clock) => ask(engine, chosen, clock),
  }))
}

function draftOf(say: EntryContent, id: string, key: string): Draft {
  return { ...say, cid: key, user: { id, nick: id } }
}

const publish = step('publish', [room, content, user, cid, options], (engine, [at, say, id, key, more]) =>
  engine.publish(at, draftOf(say, id, key), more),
)

/** Several in one turn, of which some may fail. */
const publishTogether = step(
  'publish together',
  [fc.array(fc.tuple(room, content, user, cid), { maxLength: 6 })],
  (engine, [drafts]) =>
    Promise.all(drafts.map(([at, say, id, key]) => answer(() => engine.publish(at, draftOf(say, id, key))))),
)

/** All pages; where a page ends is the engine's own affair. */
const search = step('search', [searching], async (engine, [wanted]) => {
  const pages: unknown[] = []
  for (let before: number | undefined, first = true; first || before !== undefined; first = false) {
    const found = await engine.search({ ...wanted, ...(before && { before }) })
    pages.push(found.hits)
    before = found.next
  }
  return pages
})

const account = fc.record({ id: user, nick, guest: fc.boolean() })

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: publish },
    { weight: 3, arbitrary: publishTogether },
    { weight: 4, arbitrary: search },
    {
      weight: 4,
      arbitrary: step('history', [room, query], (engine, [at, asked]) => engine.history(at, asked)),
    },
    step('entry', [room, seq], (engine, [at, number]) => engine.entry(at, number)),
    step('room', [room], (engine, [at]) => engine.room(at)),
    step('create room', [fc.constantFrom('den', 'lobby')], (engine, [at]) => engine.createRoom(at)),
    step('remove room', [room], (engine, [at]) => engine.removeRoom(at)),
    step('remove room that ends', [room, seq], async (engine, [at, end]) => {
      const { epoch = 'none' } = (await engine.room(at)) ?? {}
      return engine.removeRoom(at, { epoch, seq: end })
    }),
    step('rooms', [fc.nat({ max: 3 }), room], (engine, [limit, after]) => engine.rooms(limit, after)),
    step('tops', [fc.array(room)], (engine, [rooms]) => engine.tops(rooms)),
    step('wait', [time], async (_, [milliseconds], clock) => {
      clock.time += milliseconds
    }),
    step('create', [account], ({ accounts }, [made]) => accounts.create(made)),
    step('rename', [user, nick], ({ accounts }, [id, name]) => accounts.rename(id, name)),
    step('register', [user, nick], ({ accounts }, [id, name]) => accounts.register(id, name, 'hash')),
    step('add address', [user, room], ({ accounts }, [id, from]) => accounts.addAddress(id, from)),
    step('has address', [user, room], ({ accounts }, [id, from]) => accounts.hasAddress(id, from)),
    step('by id', [user], ({ accounts }, [id]) => accounts.byId(id)),
    step('by nick', [nick], ({ accounts }, [name]) => accounts.byNick(name)),
    step('open session', [cid, user, time], ({ accounts }, [hash, id, left], clock) =>
      accounts.openSession(hash, id, clock.time + left),
    ),
    step('session', [cid], ({ accounts }, [hash], clock) => accounts.session(hash, clock.time)),
    step('renew session', [cid, time], ({ accounts }, [hash, left], clock) =>
      accounts.renewSession(hash, clock.time + left),
    ),
    step('close session', [cid], ({ accounts }, [hash]) => accounts.closeSession(hash)),
    step('sweep', [], ({ accounts }, _, clock) => accounts.sweep(clock.time)),
    step('enter', [user, room, guard], ({ accounts }, [id, at, guard]) => accounts.enter(id, at, guard)),
    step('leave', [user, room], ({ accounts }, [id, at]) => accounts.leave(id, at)),
    step('read', [user, room, seq], ({ accounts }, [id, at, number]) => accounts.read(id, at, number)),
    step('memberships', [user], ({ accounts }, [id]) => accounts.memberships(id)),
    fc.constant<Step>('restart'),
  ),
  { minLength: 20, maxLength: 80, size: 'max' },
)

/** The result of an operation, or its error. */
function answer(ask: () => Promise<unknown>): Promise<unknown> {
  return ask().catch((error: Error) => `${error.name}: ${error.message}`)
}

/** Epochs are random, and the order of a map says nothing. */
function comparable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (key, part: unknown) => {
      if (key === 'epoch') return 'an epoch'
      return part instanceof Map ? Object.fromEntries(part) : part
    }),
  )
}

/** Memory and an engine of this kind are asked the same. */
async function compareWith(kind: EngineKind): Promise<void> {
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(undefined, 1, 3, 20), async (asked, keep) => {
      const clocks = [{ time: START }, { time: START }] as const
      const options = clocks.map(clock => ({ ...(keep && { keep }), now: () => clock.time }))
      await using store = await kind.makeStore()
      const memory = new MemoryEngine(options[0])
      let other = store.engine(options[1])
      for (const engine of [memory, other]) {
        await engine.start(new Recorder())
        await engine.createRoom('lobby')
      }
      try {
        for (const each of asked) {
          if (each === 'restart') {
            await other[Symbol.asyncDispose]()
            other = store.engine(options[1])
            await other.start(new Recorder())
            continue
          }
          const expected = await answer(() => each.ask(memory, clocks[0]))
          const actual = await answer(() => each.ask(other, clocks[1]))
          expect(comparable(actual), each.name).toEqual(comparable(expected))
        }
      } finally {
        await other[Symbol.asyncDispose]()
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: 4000 },
  )
}

test('SQLite answers as memory does', () => compareWith(SQLITE))

withRedis(describe)('on a real Redis', () => {
  beforeAll(startRedis)
  afterAll(stopRedis)
  test('Redis answers as memory does', () => compareWith(REDIS))
})
