// Rooms and their logs, for every engine.

import { describe, expect, test } from 'vitest'
import { type HistoryQuery, NoSuchRoom } from '../../src/engine/engine.ts'
import { ANN, BOB, deletion, edit, message, messages, reaction, topic } from './drafts.ts'
import { type EngineKind, publishAll, run } from './kinds.ts'
import { numbers } from './recorder.ts'

/** Names in the order of their bytes in UTF-8; that of UTF-16 is another. */
const NAMES = ['Z', 'a', 'ab', 'b', 'é', '\uff5e', '🙂']

export function logSuite(kind: EngineKind): void {
  describe('rooms', () => roomTests(kind))
  describe('publishing', () => publishTests(kind))
  describe('hints', () => hintTests(kind))
  describe('history', () => historyTests(kind))
  describe('folds', () => foldTests(kind))
  describe('the state of a room', () => stateTests(kind))
  describe('with a limit of entries', () => keepTests(kind))
}

function roomTests(kind: EngineKind): void {
  test('are created once, and are empty at first', async () => {
    await using running = await run(kind)
    const { engine } = running
    expect(await engine.createRoom('den')).toBe(true)
    expect(await engine.createRoom('den')).toBe(false)
    const room = await engine.room('den')
    expect(room).toEqual({ epoch: expect.stringMatching(/^[\w-]{16}$/), seq: 0, oldest: 1, state: new Map() })
    expect((await engine.room('lobby'))?.epoch).not.toBe(room?.epoch)
    expect(await engine.history('den', { limit: 5 })).toMatchObject({ seq: 0, oldest: 1, entries: [] })
  })

  test('that do not exist have no entries', async () => {
    await using running = await run(kind)
    const { engine } = running
    expect(await engine.room('den')).toBeUndefined()
    expect(await engine.entry('den', 1)).toBeUndefined()
    await expect(engine.history('den', { limit: 1 })).rejects.toBeInstanceOf(NoSuchRoom)
    await expect(engine.publish('den', message('hi'))).rejects.toBeInstanceOf(NoSuchRoom)
    expect(await engine.room('den')).toBeUndefined()
  })

  test('are listed in byte order, in pages', async () => {
    await using running = await run(kind)
    const { engine } = running
    for (const name of NAMES.toReversed()) await engine.createRoom(name)
    const all = [...NAMES.slice(0, 4), 'lobby', ...NAMES.slice(4)]
    expect(await engine.rooms(100)).toEqual(all)
    expect(await engine.rooms(3)).toEqual(all.slice(0, 3))
    expect(await engine.rooms(3, 'ab')).toEqual(all.slice(3, 6))
    expect(await engine.rooms(3, 'aa')).toEqual(all.slice(2, 5))
    expect(await engine.rooms(3, '🙂')).toEqual([])
  })

  test('tops returns the ends of existing rooms', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    await publishAll(engine, 'den', messages(3))
    const tops = await engine.tops(['den', 'nowhere', 'lobby'])
    expect([...tops].map(([room, { seq }]) => [room, seq])).toEqual([
      ['den', 3],
      ['lobby', 0],
    ])
    expect(tops.get('den')?.epoch).toBe((await engine.room('den'))?.epoch)
    expect(await engine.tops([])).toEqual(new Map())
  })
}

function publishTests(kind: EngineKind): void {
  test('returns the stored entry: position, time and only its own fields', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    const { epoch } = (await engine.room('lobby'))!
    const user = { ...ANN, password: 'secret' }
    const draft = { ...message('hi', user, 'c'), secret: true }
    const entry = { kind: 'msg', data: { body: 'hi' }, cid: 'c', user: ANN, room: 'lobby', epoch, seq: 1 }
    const stored = { ...entry, ts: clock.time }
    expect(await engine.publish('lobby', draft)).toEqual({ entry: stored, dup: false })
    expect(await engine.entry('lobby', 1)).toEqual(stored)
    expect(await engine.entry('lobby', 0)).toBeUndefined()
    expect(await engine.entry('lobby', 2)).toBeUndefined()
  })

  test('concurrent ones get dense positions, in order', async () => {
    await using running = await run(kind)
    const { engine } = running
    const drafts = messages(1500)
    const published = await Promise.all(drafts.map(draft => engine.publish('lobby', draft)))
    expect(published.map(({ entry }) => entry.seq)).toEqual(numbers(1500))
    const { entries } = await engine.history('lobby', { after: 0, limit: 2000 })
    expect(entries.map(({ cid }) => cid)).toEqual(drafts.map(({ cid }) => cid))
  })

  test('with the same cid is stored once, and marked', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.subscribe('lobby')
    const first = await engine.publish('lobby', message('one', ANN, 'c'))
    await engine.publish('lobby', edit(1, 'edited'))
    const again = await engine.publish('lobby', message('two', ANN, 'c'), { patch: { topic: 'changed' } })
    expect(again).toEqual({ entry: first.entry, dup: true })
    expect((await engine.room('lobby'))?.state).toEqual(new Map())
    await running.sink.until(({ entries }) => entries.length >= 2)
    expect(running.sink.seqs()).toEqual([1, 2])
  })

  test('the same cid several times at once is stored once', async () => {
    await using running = await run(kind)
    const { engine } = running
    const tries = numbers(5).map(number => engine.publish('lobby', message(`try ${number}`, ANN, 'c')))
    const published = await Promise.all(tries)
    expect(published.map(({ dup }) => dup)).toEqual([false, true, true, true, true])
    expect(new Set(published.map(({ entry }) => JSON.stringify(entry))).size).toBe(1)
    expect((await engine.tops(['lobby'])).get('lobby')?.seq).toBe(1)
  })

  test('with the same cid of another user, or in another room, is different', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    await engine.publish('lobby', message('hi', ANN, 'c'))
    expect(await engine.publish('lobby', message('hi', BOB, 'c'))).toMatchObject({
      dup: false,
      entry: { seq: 2 },
    })
    expect(await engine.publish('den', message('hi', ANN, 'c'))).toMatchObject({
      dup: false,
      entry: { seq: 1 },
    })
  })

  test('an invalid one does not affect others at the same time', async () => {
    await using running = await run(kind)
    const { engine } = running
    const rooms = ['lobby', 'nowhere', 'lobby']
    const settled = await Promise.allSettled(rooms.map(room => engine.publish(room, message('hi'))))
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await engine.history('lobby', { limit: 9 })).entries.map(({ seq }) => seq)).toEqual([1, 2])
  })

  test.each(['', ' ', '\0', 'a\0b', '"\'\\`', '\u2028', 'ÅÅ', '👩‍👩‍👧', '{"a":1}', 'x'.repeat(4000)])(
    'keeps every text as it is: %j',
    async text => {
      await using running = await run(kind)
      const { engine } = running
      // Node 24 reads columns up to a NUL. No name has one: the language does not let it through.
      const name = text.replaceAll('\0', '')
      const user = { id: `id ${name}`, nick: name }
      await engine.createRoom(`room ${name}`)
      const { entry } = await engine.publish(`room ${name}`, message(text, user, name), {
        patch: { [name]: text },
      })
      expect(entry).toMatchObject({ data: { body: text }, cid: name, user, room: `room ${name}` })
      expect(await engine.entry(`room ${name}`, 1)).toEqual(entry)
      expect((await engine.room(`room ${name}`))?.state).toEqual(new Map([[name, text]]))
      expect((await engine.publish(`room ${name}`, message(text, user, name))).dup).toBe(true)
    },
  )
}

function hintTests(kind: EngineKind): void {
  test('are received for subscribed rooms, once and in order', async () => {
    await using running = await run(kind)
    const { engine, sink } = running
    await engine.createRoom('den')
    await engine.publish('lobby', message('before'))
    await engine.subscribe('lobby')
    await engine.subscribe('lobby')
    const published = await Promise.all(
      messages(5).flatMap(draft => [engine.publish('lobby', draft), engine.publish('den', draft)]),
    )
    await sink.until(({ entries }) => entries.length >= 5)
    expect(sink.entries).toEqual(published.map(({ entry }) => entry).filter(({ room }) => room === 'lobby'))
    await engine.unsubscribe('lobby')
    await engine.unsubscribe('lobby')
    await engine.publish('lobby', message('after'))
    expect(sink.seqs()).toEqual(numbers(6, 2))
  })

  test('signals reach the subscribed rooms', async () => {
    await using running = await run(kind)
    const { engine, sink } = running
    await engine.subscribe('lobby')
    engine.signal('lobby', { typing: true })
    engine.signal('den', { typing: true })
    await sink.until(({ signals }) => signals.length > 0)
    await engine.unsubscribe('lobby')
    engine.signal('lobby', { typing: false })
    expect(sink.signals).toEqual([{ room: 'lobby', event: { typing: true } }])
  })

  test('the store is up from the start', async () => {
    await using running = await run(kind)
    expect(running.sink.states).toEqual(['up'])
  })
}

/** Of a log of ten. */
const QUERIES: readonly [HistoryQuery, readonly number[]][] = [
  [{ limit: 1 }, [10]],
  [{ limit: 3 }, [8, 9, 10]],
  [{ limit: 10 }, numbers(10)],
  [{ limit: 11 }, numbers(10)],
  [{ before: 11, limit: 2 }, [9, 10]],
  [{ before: 100, limit: 2 }, [9, 10]],
  [{ before: 10, limit: 2 }, [8, 9]],
  [{ before: 3, limit: 5 }, [1, 2]],
  [{ before: 2, limit: 5 }, [1]],
  [{ before: 1, limit: 5 }, []],
  [{ before: 0, limit: 5 }, []],
  [{ before: -5, limit: 5 }, []],
  [{ after: 0, limit: 2 }, [1, 2]],
  [{ after: -5, limit: 2 }, [1, 2]],
  [{ after: 0, limit: 10 }, numbers(10)],
  [{ after: 7, limit: 3 }, [8, 9, 10]],
  [{ after: 7, limit: 2 }, [8, 9]],
  [{ after: 9, limit: 5 }, [10]],
  [{ after: 10, limit: 5 }, []],
  [{ after: 100, limit: 5 }, []],
]

function historyTests(kind: EngineKind): void {
  test('limits', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    await publishAll(engine, 'den', messages(3))
    await publishAll(engine, 'lobby', messages(10))
    for (const [query, seqs] of QUERIES) {
      const page = await engine.history('lobby', query)
      const found = page.entries.map(({ seq }) => seq)
      expect([query, found, page.seq, page.oldest]).toEqual([query, seqs, 10, 1])
      expect(new Set(page.entries.map(({ room, epoch }) => room + epoch)).size).toBeLessThan(2)
    }
  })

  test('a page ends at its size limit, and the next one begins there', async () => {
    await using running = await run(kind)
    const { engine } = running
    await publishAll(
      engine,
      'lobby',
      numbers(40).map(() => message('x'.repeat(1000))),
    )
    const seqs = async (query: Omit<HistoryQuery, 'limit'>) =>
      (await engine.history('lobby', { limit: 40, ...query })).entries.map(({ seq }) => seq)
    expect(await seqs({ size: 2500 })).toEqual([38, 39, 40])
    expect(await seqs({ before: 38, size: 1 })).toEqual([37])
    expect(await seqs({ after: 3, size: 1500 })).toEqual([4, 5])
    // Engines store different data beside the body.
    const first = await seqs({ after: 0, size: 30_000 })
    expect(first.length).toBeGreaterThan(25)
    expect(first).toEqual(numbers(first.length))
    const last = await seqs({ before: 41, size: 30_000 })
    expect(last).toEqual(first.map(seq => seq + 40 - first.length))
    expect(await seqs({ after: 38, size: 100_000 })).toEqual([39, 40])
  })

  test('a page read forward has folds on request', async () => {
    await using running = await run(kind)
    const { engine } = running
    await publishAll(engine, 'lobby', [message('one'), message('two'), edit(2, 'x'.repeat(1000))])
    const page = await engine.history('lobby', { after: 1, limit: 1, folded: true })
    expect(page.entries).toMatchObject([{ seq: 2, fold: { body: 'x'.repeat(1000) } }])
    const small = await engine.history('lobby', { after: 0, limit: 3, folded: true, size: 500 })
    expect(small.entries.map(({ seq }) => seq)).toEqual([1, 2])
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a limit of %d is refused', async limit => {
    await using running = await run(kind)
    await expect(running.engine.history('lobby', { limit })).rejects.toThrow(RangeError)
    await expect(running.engine.history('lobby', { after: 0, limit })).rejects.toThrow(RangeError)
  })
}

function foldTests(kind: EngineKind): void {
  test('edits and reactions are with the message, but not in the log read forward', async () => {
    await using running = await run(kind)
    const { engine, clock } = running
    await engine.publish('lobby', message('one'))
    await engine.publish('lobby', edit(1, 'two'))
    clock.time += 5
    await engine.publish('lobby', edit(1, 'three'))
    await engine.publish('lobby', reaction(1, '👍', ANN))
    await engine.publish('lobby', reaction(1, '👍', BOB))
    await engine.publish('lobby', reaction(1, '👎', BOB))
    await engine.publish('lobby', reaction(1, '👎', BOB, false))
    const fold = { body: 'three', edited: clock.time, reactions: { '👍': [ANN.id, BOB.id] } }
    expect(await engine.entry('lobby', 1)).toMatchObject({ data: { body: 'one' }, fold })
    const [backward] = (await engine.history('lobby', { limit: 7 })).entries
    expect(backward?.fold).toEqual(fold)
    const before = await engine.history('lobby', { before: 2, limit: 1 })
    expect(before.entries[0]?.fold).toEqual(fold)
    const forward = await engine.history('lobby', { after: 0, limit: 7 })
    expect(forward.entries.map(entry => [entry.kind, 'fold' in entry])).toEqual(
      ['msg', 'edit', 'edit', 'react', 'react', 'react', 'react'].map(name => [name, false]),
    )
  })

  test('spellings of an emoji with and without a variation selector are one reaction', async () => {
    await using running = await run(kind)
    const { engine } = running
    const reactions = [reaction(1, '❤\uFE0F', ANN), reaction(1, '❤', BOB), reaction(1, '❤', ANN)]
    await publishAll(engine, 'lobby', [message('one'), ...reactions])
    const reacted = { '❤\uFE0F': [ANN.id, BOB.id] }
    expect((await engine.entry('lobby', 1))?.fold?.reactions).toEqual(reacted)
    const [first] = (await engine.history('lobby', { before: 2, limit: 1 })).entries
    expect(first?.fold?.reactions).toEqual(reacted)
    await publishAll(engine, 'lobby', [reaction(1, '❤', ANN, false), reaction(1, '❤\uFE0F', BOB, false)])
    expect((await engine.entry('lobby', 1))?.fold?.reactions).toBeUndefined()
  })

  test('a deletion removes everything of a message', async () => {
    await using running = await run(kind)
    const { engine } = running
    await publishAll(engine, 'lobby', [message('one'), reaction(1, '👍'), deletion(1)])
    await publishAll(engine, 'lobby', [edit(1, 'two'), reaction(1, '👎')])
    expect((await engine.entry('lobby', 1))?.fold).toEqual({ deleted: true })
  })

  test('old messages can be changed', async () => {
    await using running = await run(kind)
    const { engine } = running
    await publishAll(engine, 'lobby', messages(50))
    for (const seq of numbers(20))
      await publishAll(engine, 'lobby', [edit(seq, 'edited'), deletion(seq + 20)])
    const { entries } = await engine.history('lobby', { before: 41, limit: 40 })
    expect(entries.slice(0, 20).every(({ fold }) => fold?.body === 'edited')).toBe(true)
    expect(entries.slice(20).every(({ fold }) => fold?.deleted)).toBe(true)
    expect((await engine.search({ text: 'message', limit: 50 })).hits).toHaveLength(10)
    expect((await engine.search({ text: 'edited', limit: 50 })).hits).toHaveLength(20)
    expect((await engine.publish('lobby', message('on'))).entry.seq).toBe(91)
  })

  test('an entry without a target changes no message', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    await publishAll(engine, 'den', [message('one')])
    await publishAll(engine, 'lobby', [
      topic('news'),
      edit(1, 'x'),
      edit(2, 'x'),
      edit(4, 'x'),
      edit(99, 'x'),
    ])
    const { entries } = await engine.history('lobby', { limit: 9 })
    expect(entries.map(entry => [entry.seq, 'fold' in entry])).toEqual(numbers(5).map(seq => [seq, false]))
    expect(await engine.entry('den', 1)).not.toHaveProperty('fold')
  })
}

function stateTests(kind: EngineKind): void {
  test('is set, replaced and removed key by key', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.publish('lobby', topic('one'), { patch: { topic: 'one', locked: true, slow: 0 } })
    await engine.publish('lobby', topic('two'), {
      patch: { topic: { deep: [1, null, 'x'] }, locked: null, gone: null },
    })
    expect((await engine.room('lobby'))?.state).toEqual(
      new Map<string, unknown>([
        ['topic', { deep: [1, null, 'x'] }],
        ['slow', 0],
      ]),
    )
  })

  test('belongs to one room, and returned values do not change', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    await engine.publish('lobby', topic('one'), { patch: { topic: 'one' } })
    const before = await engine.room('lobby')
    await engine.publish('lobby', topic('two'), { patch: { topic: 'two' } })
    expect(before).toMatchObject({ seq: 1, state: new Map([['topic', 'one']]) })
    expect((await engine.room('den'))?.state).toEqual(new Map())
  })
}

function keepTests(kind: EngineKind): void {
  test('the oldest are removed completely', async () => {
    await using running = await run(kind, { keep: 10 })
    const { engine } = running
    const first = message('needle', ANN, 'first')
    await publishAll(engine, 'lobby', [first, ...messages(9)])
    expect((await engine.room('lobby'))?.oldest).toBe(1)
    await publishAll(engine, 'lobby', [message('needle'), ...messages(14), edit(3, 'gone')])
    expect(await engine.room('lobby')).toMatchObject({ seq: 26, oldest: 17 })
    const forward = await engine.history('lobby', { after: 0, limit: 3 })
    expect(forward).toMatchObject({ seq: 26, oldest: 17, entries: [{ seq: 17 }, { seq: 18 }, { seq: 19 }] })
    expect((await engine.history('lobby', { before: 18, limit: 5 })).entries.map(({ seq }) => seq)).toEqual([
      17,
    ])
    expect((await engine.history('lobby', { limit: 100 })).entries).toHaveLength(10)
    expect(await engine.entry('lobby', 16)).toBeUndefined()
    expect((await engine.search({ text: 'needle', limit: 5 })).hits).toEqual([])
    expect(await engine.publish('lobby', first)).toMatchObject({ dup: false, entry: { seq: 27 } })
  })

  test('at least one is kept', async () => {
    for (const keep of [0, -1, 1.5, Number.NaN])
      await expect(run(kind, { keep }), String(keep)).rejects.toThrow(RangeError)
  })
}
