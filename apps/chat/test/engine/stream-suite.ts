// The stream of a Sequencer on every engine, with any losses of hints.

import { expect, test } from 'vitest'
import { Unavailable } from '../../src/engine/engine.ts'
import { Sequencer } from '../../src/engine/stream/sequencer.ts'
import { message, messages } from './drafts.ts'
import { both, dropping, FaultyEngine, type Hinting, reordering, repeating } from './faulty-engine.ts'
import type { EngineKind } from './kinds.ts'
import { numbers, Recorder } from './recorder.ts'
import { Timers } from './timers.ts'

/** Milliseconds between two looks at the ends of all logs. */
const CHECK = 10_000

async function stream(kind: EngineKind, options: { readonly keep?: number } = {}) {
  const store = await kind.makeStore()
  const engine = new FaultyEngine(store.engine(options))
  const listener = new Recorder()
  const timers = new Timers()
  const sequencer = new Sequencer(engine, listener, { delay: timers.delay })
  await sequencer.start()
  await engine.createRoom('lobby')
  return {
    engine,
    listener,
    timers,
    sequencer,
    async [Symbol.asyncDispose]() {
      sequencer.close()
      await engine[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

const FAULTS: Readonly<Record<string, () => Hinting>> = {
  'are all there': () => (entry, pass) => pass(entry),
  'are lost, every seventh': () => dropping(7),
  'are lost, every second': () => dropping(2),
  'are all lost': () => dropping(1),
  'come twice and later again': repeating,
  'come in another order': reordering,
  'are lost, come twice and in another order': () => both(dropping(7), both(reordering(), repeating())),
}

export function streamSuite(kind: EngineKind): void {
  test.each(Object.keys(FAULTS))('is complete and in order when hints are %s', async name => {
    await using running = await stream(kind)
    const { engine, listener, sequencer, timers } = running
    engine.hinting = FAULTS[name]!()
    await engine.createRoom('den')
    await sequencer.subscribe('lobby')
    await sequencer.subscribe('den')
    for (const draft of messages(150)) await engine.publish('lobby', draft)
    await Promise.all(messages(350).map(draft => engine.publish('lobby', draft)))
    await engine.publish('den', message('hi'))
    timers.advance(CHECK)
    await listener.until(() => listener.entries.length >= 501)
    expect(listener.seqs('lobby')).toEqual(numbers(500))
    expect(listener.seqs('den')).toEqual([1])
    expect(listener.resets).toEqual([])
    const { entries } = await engine.history('lobby', { after: 0, limit: 500 })
    expect(listener.entries.filter(({ room }) => room === 'lobby')).toEqual(entries)
  })

  test('starts again when the store was replaced', async () => {
    await using running = await stream(kind)
    const { engine, listener, sequencer } = running
    await sequencer.subscribe('lobby')
    for (const draft of messages(5)) await engine.publish('lobby', draft)
    await using another = await kind.makeStore()
    await using inner = another.engine()
    await inner.start(engine.sink)
    await inner.createRoom('lobby')
    for (const draft of messages(7)) await inner.publish('lobby', draft)
    await engine.inner[Symbol.asyncDispose]()
    engine.inner = inner
    await inner.subscribe('lobby')
    engine.sink.lost()
    await listener.until(() => listener.resets.length > 0)
    await engine.publish('lobby', message('hi'))
    await listener.until(() => listener.seqs().includes(8))
    const { epoch } = (await inner.room('lobby'))!
    expect(listener.resets).toEqual([{ room: 'lobby', epoch, seq: 7 }])
    expect(listener.seqs()).toEqual([1, 2, 3, 4, 5, 8])
    expect(sequencer.position('lobby')).toEqual({ epoch, seq: 8 })
  })

  test('starts again when missed entries are no longer kept', async () => {
    await using running = await stream(kind, { keep: 5 })
    const { engine, listener, sequencer, timers } = running
    await sequencer.subscribe('lobby')
    await engine.publish('lobby', message('seen'))
    engine.hinting = dropping(1)
    for (const draft of messages(10)) await engine.publish('lobby', draft)
    timers.advance(CHECK)
    await listener.until(() => listener.resets.length > 0)
    expect(listener.seqs()).toEqual([1])
    expect(listener.resets).toMatchObject([{ room: 'lobby', seq: 11 }])
  })

  test('continues after the store was away', async () => {
    await using running = await stream(kind)
    const { engine, listener, sequencer, timers } = running
    await sequencer.subscribe('lobby')
    await engine.publish('lobby', message('before'))
    engine.hinting = dropping(1)
    for (const draft of messages(3)) await engine.publish('lobby', draft)
    engine.before = () => {
      throw new Unavailable('away')
    }
    engine.sink.state('down', new Unavailable('away'))
    await expect(engine.publish('lobby', message('during'))).rejects.toBeInstanceOf(Unavailable)
    await expect(sequencer.subscribe('den')).rejects.toBeInstanceOf(Unavailable)
    timers.advance(CHECK)
    engine.before = () => {}
    engine.hinting = (entry, pass) => pass(entry)
    engine.sink.state('up')
    await engine.publish('lobby', message('after'))
    await listener.until(() => listener.entries.length >= 5)
    expect(listener.seqs()).toEqual(numbers(5))
    expect(listener.states).toEqual(['up', 'down', 'up'])
    expect(listener.resets).toEqual([])
  })
}
