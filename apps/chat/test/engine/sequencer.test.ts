import { describe, expect, test } from 'vitest'
import { type Engine, NoSuchRoom, type Page, Unavailable } from '../../src/engine/engine.ts'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { Sequencer } from '../../src/engine/stream/sequencer.ts'
import { message, messages } from './drafts.ts'
import { type Before, dropping, FaultyEngine } from './faulty-engine.ts'
import { publishAll } from './kinds.ts'
import { numbers, Recorder } from './recorder.ts'
import { Timers } from './timers.ts'

const CHECK = 10_000

interface Stream {
  readonly engine: FaultyEngine
  readonly listener: Recorder
  readonly timers: Timers
  readonly sequencer: Sequencer
}

async function stream(inner: Engine = new MemoryEngine()): Promise<Stream> {
  const engine = new FaultyEngine(inner)
  const listener = new Recorder()
  const timers = new Timers()
  const sequencer = new Sequencer(engine, listener, { delay: timers.delay })
  await sequencer.start()
  await engine.createRoom('lobby')
  return { engine, listener, timers, sequencer }
}

/** Holds one kind of operation back until it is let go, and counts. */
class Gate {
  waiting = 0
  most = 0
  total = 0
  #open: (() => void)[] = []
  #arrived: (() => void)[] = []

  before(name: Parameters<Before>[0]): Before {
    return operation => {
      if (operation !== name) return
      this.total++
      this.most = Math.max(this.most, ++this.waiting)
      for (const tell of this.#arrived.splice(0)) tell()
      return new Promise(resolve => this.#open.push(resolve))
    }
  }

  /** Resolves once a caller waits. */
  async arrived(): Promise<void> {
    if (this.waiting === 0) await new Promise<void>(resolve => this.#arrived.push(resolve))
  }

  release(): void {
    this.waiting = 0
    for (const open of this.#open.splice(0)) open()
  }
}

/** Waits for all work that needs no timer. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

const away: Before = () => {
  throw new Unavailable('away')
}

describe('subscribing', () => {
  test('resolves with the start of the stream, from which the listener receives entries', async () => {
    const { engine, listener, sequencer } = await stream()
    await publishAll(engine, 'lobby', messages(3))
    expect(sequencer.position('lobby')).toBeUndefined()
    const position = await sequencer.subscribe('lobby')
    expect(position).toEqual((await engine.tops(['lobby'])).get('lobby'))
    await publishAll(engine, 'lobby', messages(2))
    expect(listener.seqs()).toEqual([4, 5])
    expect(sequencer.position('lobby')).toEqual({ epoch: position.epoch, seq: 5 })
  })

  test.each(['subscribe', 'tops'] as const)(
    'misses no entry that is stored around its %s',
    async operation => {
      const { engine, listener, sequencer } = await stream()
      const gate = new Gate()
      engine.before = gate.before(operation)
      const subscribed = sequencer.subscribe('lobby')
      await gate.arrived()
      await engine.inner.publish('lobby', message('during'))
      engine.before = () => {}
      gate.release()
      const { seq } = await subscribed
      await engine.publish('lobby', message('after'))
      await listener.until(() => listener.seqs().includes(2))
      expect([...numbers(seq), ...listener.seqs()]).toEqual([1, 2])
    },
  )

  test('misses no entry after the start', async () => {
    const { engine, listener, sequencer } = await stream()
    const tops = engine.tops.bind(engine)
    engine.tops = async rooms => {
      const ends = await tops(rooms)
      await engine.inner.publish('lobby', message('between'))
      return ends
    }
    expect((await sequencer.subscribe('lobby')).seq).toBe(0)
    await listener.until(() => listener.entries.length > 0)
    expect(listener.seqs()).toEqual([1])
  })

  test('to a room that does not exist, or while the store is away, does not count', async () => {
    const { engine, listener, sequencer } = await stream()
    const failed = await Promise.allSettled([sequencer.subscribe('den'), sequencer.subscribe('den')])
    expect(failed).toMatchObject(Array(2).fill({ reason: expect.any(NoSuchRoom) }))
    await settled()
    expect(engine.subscribed).toEqual(new Set())
    engine.before = away
    await expect(sequencer.subscribe('lobby')).rejects.toBeInstanceOf(Unavailable)
    engine.before = () => {}
    await engine.createRoom('den')
    await sequencer.subscribe('den')
    await sequencer.subscribe('lobby')
    await publishAll(engine, 'den', messages(1))
    await sequencer.unsubscribe('den')
    await publishAll(engine, 'den', messages(1))
    await publishAll(engine, 'lobby', messages(1))
    expect(listener.entries.map(({ room, seq }) => [room, seq])).toEqual([
      ['den', 1],
      ['lobby', 1],
    ])
  })

  test('is counted', async () => {
    const { engine, listener, sequencer } = await stream()
    await Promise.all([sequencer.subscribe('lobby'), sequencer.subscribe('lobby')])
    await sequencer.unsubscribe('lobby')
    await publishAll(engine, 'lobby', messages(1))
    expect(listener.seqs()).toEqual([1])
    await sequencer.unsubscribe('lobby')
    await sequencer.unsubscribe('lobby')
    expect(engine.subscribed).toEqual(new Set())
    await publishAll(engine, 'lobby', messages(1))
    expect(listener.seqs()).toEqual([1])
    expect(sequencer.position('lobby')).toBeUndefined()
  })

  test('and unsubscribing in a loop: the last one counts', async () => {
    const { engine, listener, sequencer } = await stream()
    const tries: Promise<unknown>[] = []
    for (const _ of numbers(5)) tries.push(sequencer.subscribe('lobby'), sequencer.unsubscribe('lobby'))
    tries.push(sequencer.subscribe('lobby'))
    await Promise.all(tries)
    await publishAll(engine, 'lobby', messages(3))
    expect(listener.seqs()).toEqual([1, 2, 3])
    expect(engine.subscribed).toEqual(new Set(['lobby']))
    await Promise.all([
      sequencer.unsubscribe('lobby'),
      sequencer.subscribe('lobby'),
      sequencer.unsubscribe('lobby'),
    ])
    expect(engine.subscribed).toEqual(new Set())
  })
})

describe('unsubscribing', () => {
  test('may be slow: a later subscription stays', async () => {
    const { engine, listener, sequencer } = await stream()
    await sequencer.subscribe('lobby')
    const gate = new Gate()
    engine.before = gate.before('unsubscribe')
    const left = sequencer.unsubscribe('lobby')
    await gate.arrived()
    const back = sequencer.subscribe('lobby')
    await settled()
    gate.release()
    await Promise.all([left, back])
    await publishAll(engine, 'lobby', messages(1))
    expect(listener.seqs()).toEqual([1])
    expect(engine.subscribed).toEqual(new Set(['lobby']))
  })

  test('stops the delivery, also during a read', async () => {
    const { engine, listener, sequencer } = await stream()
    await sequencer.subscribe('lobby')
    engine.hinting = dropping(2)
    const gate = new Gate()
    engine.before = gate.before('history')
    await Promise.all([engine.publish('lobby', message('1')), engine.publish('lobby', message('2'))])
    await engine.publish('lobby', message('3'))
    await gate.arrived()
    await sequencer.unsubscribe('lobby')
    gate.release()
    await settled()
    expect(listener.seqs()).toEqual([1])
    expect(listener.resets).toEqual([])
  })

  test('works within the delivery of an entry', async () => {
    const { engine, listener, sequencer } = await stream()
    await sequencer.subscribe('lobby')
    engine.hinting = dropping(1)
    await publishAll(engine, 'lobby', messages(5))
    const left = listener.until(() => listener.entries.length === 2).then(() => {})
    const entry = listener.entry.bind(listener)
    listener.entry = next => {
      entry(next)
      if (next.seq === 2) void sequencer.unsubscribe('lobby')
    }
    engine.sink.lost()
    await left
    await settled()
    expect(listener.seqs()).toEqual([1, 2])
  })

  test('signals are received for subscribed rooms only', async () => {
    const { engine, listener, sequencer } = await stream()
    await sequencer.subscribe('lobby')
    engine.sink.signal('lobby', 1)
    engine.sink.signal('den', 2)
    await sequencer.unsubscribe('lobby')
    engine.sink.signal('lobby', 3)
    expect(listener.signals).toEqual([{ room: 'lobby', event: 1 }])
  })
})

describe('a gap', () => {
  test('is read in pages, one reading after the other', async () => {
    const { engine, listener, sequencer } = await stream()
    await sequencer.subscribe('lobby')
    engine.hinting = dropping(1)
    await publishAll(engine, 'lobby', messages(250))
    engine.hinting = (entry, pass) => pass(entry)
    const limits: number[] = []
    const history = engine.history.bind(engine)
    let [reading, most] = [0, 0]
    engine.history = async (room, query) => {
      limits.push(query.limit)
      most = Math.max(most, ++reading)
      await settled()
      reading--
      return history(room, query)
    }
    await Promise.all(messages(50).map(draft => engine.publish('lobby', draft)))
    await listener.until(() => listener.entries.length >= 300)
    expect(listener.seqs()).toEqual(numbers(300))
    expect(most).toBe(1)
    expect(Math.max(...limits)).toBe(100)
    expect(limits.length).toBeLessThan(8)
  })

  test('that cannot be read is retried, less and less often, and not for each hint', async () => {
    const { engine, listener, sequencer, timers } = await stream()
    await sequencer.subscribe('lobby')
    engine.hinting = dropping(2)
    await publishAll(engine, 'lobby', messages(2))
    const tries: Parameters<Before>[0][] = []
    engine.before = operation => {
      if (operation === 'history') {
        tries.push(operation)
        throw new Unavailable('away')
      }
    }
    await engine.publish('lobby', message('3'))
    const waits: number[] = []
    for (const _ of numbers(9)) {
      await settled()
      await publishAll(engine, 'lobby', messages(2))
      const [wait] = timers.left
      waits.push(wait!)
      timers.advance(wait!)
    }
    await settled()
    // The comparison of all ends, every 10 s, happens in between and tries at once.
    expect(waits.slice(0, 7)).toEqual([100, 200, 400, 800, 1600, 3200, 3700])
    expect(tries.length).toBeLessThanOrEqual(11)
    engine.before = () => {}
    timers.advance(5000)
    await listener.until(() => listener.entries.length >= 21)
    expect(listener.seqs().slice(0, 21)).toEqual(numbers(21))
    expect(listener.resets).toEqual([])
  })

  test('at the end is found by comparing all ends: every 10 s, and within one after a failure', async () => {
    const { engine, listener, sequencer, timers } = await stream()
    await sequencer.subscribe('lobby')
    engine.hinting = dropping(1)
    await engine.publish('lobby', message('1'))
    expect(timers.left).toEqual([CHECK])
    engine.before = away
    timers.advance(CHECK)
    await settled()
    expect(timers.left).toEqual([1000])
    engine.before = () => {}
    timers.advance(999)
    await settled()
    expect(listener.seqs()).toEqual([])
    timers.advance(1)
    await listener.until(() => listener.entries.length === 1)
    expect(timers.left).toEqual([CHECK])
  })

  test.each(['lost', 'up'] as const)(
    'at the end is discovered at once when the engine reports %s',
    async what => {
      const { engine, listener, sequencer, timers } = await stream()
      await sequencer.subscribe('lobby')
      engine.hinting = dropping(1)
      await engine.publish('lobby', message('1'))
      if (what === 'lost') engine.sink.lost()
      else engine.sink.state('up')
      await listener.until(() => listener.entries.length === 1)
      await settled()
      expect(timers.left).toEqual([CHECK])
    },
  )
})

/** Changes an answer of a store. */
type Change = (page: Page) => Page

describe('a replaced log', () => {
  async function afterwards(change: Change, published = 1): Promise<Stream> {
    const running = await stream()
    const { engine, sequencer, listener } = running
    await sequencer.subscribe('lobby')
    await publishAll(engine, 'lobby', messages(5))
    engine.hinting = dropping(1)
    await publishAll(engine, 'lobby', messages(published))
    const [history, tops] = [engine.history.bind(engine), engine.tops.bind(engine)]
    engine.history = async (room, query) => change(await history(room, query))
    engine.tops = async rooms => {
      const ends = await tops(rooms)
      return new Map([...ends].map(([room, end]) => [room, change({ ...end, oldest: 1, entries: [] })]))
    }
    engine.sink.lost()
    await listener.until(() => listener.resets.length > 0)
    return running
  }

  const CHANGES: Readonly<Record<string, Change>> = {
    'has another epoch': page => ({ ...page, epoch: 'another' }),
    'went back': page => ({ ...page, seq: 3, entries: [] }),
    'does not keep what was missed': page => ({ ...page, oldest: 7, entries: [] }),
    'has a hole': page => ({ ...page, entries: page.entries.slice(1) }),
    'has lost what it says it has': page => ({ ...page, entries: [] }),
  }

  test.each(Object.keys(CHANGES))('that %s causes a reset, and the stream goes on from there', async name => {
    const { engine, listener, sequencer } = await afterwards(CHANGES[name]!, 3)
    const [reset] = listener.resets
    expect(listener.resets).toHaveLength(1)
    expect(listener.seqs()).toEqual(numbers(5))
    expect(sequencer.position('lobby')).toEqual({ epoch: reset?.epoch, seq: reset?.seq })
    engine.hinting = (entry, pass) => pass(entry)
    const [last] = (await engine.inner.history('lobby', { limit: 1 })).entries
    engine.sink.entry({ ...last!, epoch: reset!.epoch, seq: reset!.seq + 1 })
    expect(listener.seqs().at(-1)).toBe(reset!.seq + 1)
  })
})

describe('a room that is removed', () => {
  test('is reported once, and nothing of it follows', async () => {
    const { engine, listener, sequencer, timers } = await stream()
    await sequencer.subscribe('lobby')
    await publishAll(engine, 'lobby', messages(2))
    const { epoch } = sequencer.position('lobby')!
    await engine.inner.removeRoom('lobby')
    engine.sink.removed('lobby', epoch)
    engine.sink.removed('lobby', 'another')
    engine.sink.removed('nowhere', epoch)
    expect(listener.removals).toEqual([{ room: 'lobby' }])
    expect(sequencer.position('lobby')).toBeUndefined()
    timers.advance(CHECK)
    await settled()
    await expect(sequencer.subscribe('lobby')).rejects.toBeInstanceOf(NoSuchRoom)
    expect(listener).toMatchObject({ resets: [] })
    expect(listener.seqs()).toEqual([1, 2])
  })

  test('and created again starts with a new subscription; earlier ones count', async () => {
    const { engine, listener, sequencer } = await stream()
    await sequencer.subscribe('lobby')
    await engine.inner.removeRoom('lobby')
    await engine.createRoom('lobby')
    await publishAll(engine, 'lobby', messages(3))
    expect(listener.seqs()).toEqual([])
    expect((await sequencer.subscribe('lobby')).seq).toBe(3)
    await publishAll(engine, 'lobby', messages(1))
    expect(listener.seqs()).toEqual([4])
    await sequencer.unsubscribe('lobby')
    await publishAll(engine, 'lobby', messages(1))
    expect(listener.seqs()).toEqual([4, 5])
    await sequencer.unsubscribe('lobby')
    expect(engine.subscribed).toEqual(new Set())
  })

  test('during a subscription does not exist', async () => {
    const { engine, listener, sequencer } = await stream()
    const tops = engine.tops.bind(engine)
    engine.tops = async rooms => {
      const ends = await tops(rooms)
      engine.tops = tops
      await engine.inner.removeRoom('lobby')
      return ends
    }
    await expect(sequencer.subscribe('lobby')).rejects.toBeInstanceOf(NoSuchRoom)
    await settled()
    expect(engine.subscribed).toEqual(new Set())
    await engine.createRoom('lobby')
    expect((await sequencer.subscribe('lobby')).seq).toBe(0)
    expect(listener.removals).toEqual([])
  })

  test('during a read, and created again, is not mixed with the new one', async () => {
    const { engine, listener, sequencer } = await stream()
    await sequencer.subscribe('lobby')
    engine.hinting = dropping(1)
    await publishAll(engine, 'lobby', messages(3))
    const gate = new Gate()
    engine.before = gate.before('history')
    engine.sink.lost()
    await gate.arrived()
    await engine.inner.removeRoom('lobby')
    await engine.createRoom('lobby')
    await publishAll(engine, 'lobby', messages(1))
    engine.before = () => {}
    await sequencer.subscribe('lobby')
    gate.release()
    await settled()
    engine.hinting = (entry, pass) => pass(entry)
    await publishAll(engine, 'lobby', messages(1))
    await listener.until(() => listener.seqs().includes(2))
    expect(listener.seqs()).toEqual([2])
    expect(listener.resets).toEqual([])
  })
})

describe('the end', () => {
  test('nothing runs, and nothing is delivered', async () => {
    const { engine, listener, sequencer, timers } = await stream()
    await sequencer.subscribe('lobby')
    engine.hinting = dropping(2)
    engine.before = operation => {
      if (operation === 'history') throw new Unavailable('away')
    }
    await publishAll(engine, 'lobby', messages(3))
    await settled()
    expect(timers.left).toEqual([100, CHECK])
    const before = listener.seqs()
    sequencer.close()
    sequencer.close()
    expect(timers.left).toEqual([])
    engine.before = () => {}
    await publishAll(engine, 'lobby', messages(3))
    engine.sink.lost()
    engine.sink.signal('lobby', 1)
    engine.sink.state('down')
    await settled()
    expect(listener.seqs()).toEqual(before)
    expect(listener).toMatchObject({ signals: [], states: ['up'], resets: [] })
    expect(timers.left).toEqual([])
    await expect(sequencer.subscribe('lobby')).rejects.toBeInstanceOf(Unavailable)
  })

  test('also during the comparison of all ends', async () => {
    const { engine, sequencer, timers } = await stream()
    await sequencer.subscribe('lobby')
    const gate = new Gate()
    engine.before = gate.before('tops')
    timers.advance(CHECK)
    await gate.arrived()
    sequencer.close()
    gate.release()
    await settled()
    expect(timers.left).toEqual([])
  })

  test('a process that only listens ends', async () => {
    const engine = new MemoryEngine()
    const sequencer = new Sequencer(engine, new Recorder())
    const before = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
    await sequencer.start()
    const after = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
    expect(after).toBe(before)
    sequencer.close()
  })
})
