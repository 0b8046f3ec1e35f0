// Resuming: missed entries are sent once, in order, or the gap is reported.

import { expect, test } from 'vitest'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import type { TestClient } from '../client.ts'
import { FlakyEngine } from './flaky-engine.ts'
import { nextCid, type Started, startChat } from './start.ts'

/** A room with 250 messages, of which the last 220 are kept. */
async function withLog(): Promise<{ started: Started; epoch: string; token: string }> {
  const started = await startChat({ engine: new MemoryEngine({ keep: 220 }) })
  const ann = await started.member('Ann')
  const user = { id: ann.hello.user!.id, nick: 'Ann' }
  for (let i = 1; i <= 250; i++) {
    const draft = { kind: 'msg' as const, data: { body: `${i}` }, cid: nextCid(), user }
    await started.engine.publish('lobby', draft)
  }
  const { epoch } = (await started.engine.tops(['lobby'])).get('lobby')!
  return { started, epoch, token: ann.hello.token! }
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

const CASES = [
  ['at the end', 250, [{ from: 251, to: 250, ok: true, more: false }]],
  ['one behind', 249, [{ from: 250, to: 250, ok: true, more: false }]],
  [
    'as far behind as is kept',
    30,
    [
      { from: 31, to: 130, ok: true, more: true },
      { from: 131, to: 230, ok: true, more: true },
      { from: 231, to: 250, ok: true, more: false },
    ],
  ],
  ['further behind than is kept', 29, [{ from: 251, to: 250, ok: false, more: false }]],
  ['at the beginning, which is not kept', 0, [{ from: 251, to: 250, ok: false, more: false }]],
  ['beyond the end', 251, [{ from: 251, to: 250, ok: false, more: false }]],
] as const

test.each(CASES)('join with a position: %s', async (_, seq, syncs) => {
  const { started, epoch } = await withLog()
  await using _started = started
  const bob = await started.guest('Bob')
  await bob.ask('join', { room: 'lobby', since: [epoch, seq] })
  await bob.push('sync', ({ more }) => !more)
  expect(bob.all('sync')).toMatchObject(syncs.map(sync => ({ room: 'lobby', epoch, ...sync })))
  for (const { from, to, ok, log } of bob.all('sync'))
    expect(log.map(entry => entry.seq)).toEqual(ok ? range(from, to) : [])
  const reply = await bob.ask('send', { room: 'lobby', cid: nextCid(), body: 'live' })
  expect(await bob.push('entry')).toMatchObject({ seq: reply.seq })
})

test('join from 0 returns the whole log if all of it is kept', async () => {
  await using started = await startChat()
  const ann = await started.member('Ann')
  for (const body of ['a', 'b']) await ann.ask('send', { room: 'lobby', cid: nextCid(), body })
  const { epoch } = await ann.ask('history', { room: 'lobby' })
  const bob = await started.guest('Bob')
  await bob.ask('join', { room: 'lobby', since: [epoch, 0] })
  await bob.push('sync')
  expect(bob.log('lobby')).toEqual([1, 2])
})

test('another epoch is a gap', async () => {
  const { started, epoch } = await withLog()
  await using _started = started
  const bob = await started.guest('Bob')
  await bob.ask('join', { room: 'lobby', since: ['another', 250] })
  expect(await bob.push('sync')).toMatchObject({ epoch, from: 251, to: 250, ok: false, log: [] })
})

test('hello resumes several rooms at once, and names those that cannot be joined', async () => {
  const { started, epoch, token } = await withLog()
  await using _started = started
  await started.engine.createRoom('garden')
  const ann = await started.connect()
  const resume = { lobby: [epoch, 248], garden: ['another', 1], gone: ['x', 1] } as const
  const { rooms } = await ann.ask('hello', { v: 1, token, resume })
  expect(rooms.map(({ room }) => room)).toEqual(['lobby', 'garden'])
  await ann.until(() => ann.all('sync').length === 2)
  expect(ann.log('lobby')).toEqual([249, 250])
  expect(ann.all('sync').find(({ room }) => room === 'garden')).toMatchObject({ ok: false, to: 0 })
  expect(ann.all('notice')).toMatchObject([{ msg: expect.stringContaining('gone') }])
})

test('a user who joins while others publish gets every entry once', async () => {
  await using started = await startChat()
  const writers = await Promise.all(['A', 'B', 'C'].map(nick => started.member(nick)))
  const { epoch } = await writers[0]!.ask('history', { room: 'lobby' })
  let sent = 0
  const publish = async (user: { id: string; nick: string }) => {
    for (let i = 0; i < 300; i++) {
      await started.engine.publish('lobby', { kind: 'msg', data: { body: 'x' }, cid: nextCid(), user })
      sent++
      if (i % 10 === 0) await new Promise(resolve => setImmediate(resolve))
    }
  }
  const publishing = Promise.all(writers.map(writer => publish(writer.hello.user!)))
  const joiners: TestClient[] = []
  for (let i = 0; i < 8; i++) {
    const joiner = await started.guest(`Joiner ${i}`)
    joiners.push(joiner)
    await joiner.ask('join', { room: 'lobby', since: [epoch, 0] })
  }
  await publishing
  expect(sent).toBe(900)
  for (const client of joiners) {
    await client.until(() => client.log('lobby').length >= 900)
    expect(client.log('lobby')).toEqual(range(1, 900))
  }
})

test('a node that is behind neither repeats nor skips entries, and accepts later positions', async () => {
  const engine = new FlakyEngine()
  await using started = await startChat({ engine })
  const ann = await started.member('Ann')
  engine.holdHints()
  for (const body of ['1', '2', '3']) await ann.ask('send', { room: 'lobby', cid: nextCid(), body })
  const { epoch } = (await engine.tops(['lobby'])).get('lobby')!
  const reader = await started.guest('Reader')
  await reader.ask('join', { room: 'lobby', since: [epoch, 0] })
  const knower = await started.guest('Knower')
  await knower.ask('join', { room: 'lobby', since: [epoch, 3] })
  await reader.push('sync')
  expect(await knower.push('sync')).toMatchObject({ from: 4, to: 3, ok: true })
  engine.releaseHints()
  await ann.ask('send', { room: 'lobby', cid: nextCid(), body: '4' })
  for (const client of [ann, reader, knower]) await client.push('entry', ({ seq }) => seq === 4)
  expect(ann.log('lobby')).toEqual([1, 2, 3, 4])
  expect(reader.log('lobby')).toEqual([1, 2, 3, 4])
  expect(knower.log('lobby')).toEqual([4])
})

test('a replaced log is announced to all members of the room', async () => {
  class TwoLogs extends MemoryEngine {
    epoch: string | undefined
    override async history(...args: Parameters<MemoryEngine['history']>) {
      const page = await super.history(...args)
      if (this.epoch === undefined) return page
      return { ...page, epoch: this.epoch, entries: page.entries.map(e => ({ ...e, epoch: this.epoch! })) }
    }
    override async publish(...args: Parameters<MemoryEngine['publish']>) {
      const { entry, dup } = await super.publish(...args)
      return { entry: { ...entry, epoch: this.epoch ?? entry.epoch }, dup }
    }
  }
  const engine = new TwoLogs()
  await using started = await startChat({ engine })
  const ann = await started.member('Ann')
  await ann.ask('send', { room: 'lobby', cid: nextCid(), body: 'before' })
  engine.epoch = 'anew'
  // Its hints are of the old log; a hole in them makes the sequencer read.
  engine.subscribe = async () => {}
  const user = ann.hello.user!
  await engine.unsubscribe('lobby')
  await engine.publish('lobby', { kind: 'msg', data: { body: 'lost' }, cid: nextCid(), user })
  await MemoryEngine.prototype.subscribe.call(engine, 'lobby')
  await engine.publish('lobby', { kind: 'msg', data: { body: 'heard' }, cid: nextCid(), user })
  expect(await ann.push('sync')).toMatchObject({ room: 'lobby', epoch: 'anew', ok: false, to: 3, log: [] })
  expect(started.chat.stats().gaps).toBe(1)
})
