import { beforeEach, describe, expect, it } from 'vitest'
import type { ErrorReply } from '../../../src/wire/messages.ts'
import { Disconnected, RequestError } from './connection.ts'
import { ManualClock } from './manual-clock.ts'
import { MemoryStorage } from './memory-storage.ts'
import { makeCid, Outbox, type Write } from './outbox.ts'

/**
 * Locks as the browser has them: one holder a name, the others wait. A tab that is closed lets go.
 */
class Locks {
  readonly #held = new Map<string, { tab: string; waiting: (() => void)[] }>()

  of(tab: string): Pick<LockManager, 'request'> {
    const request = async (name: string, use: () => unknown) => {
      const held = this.#held.get(name)
      if (held) await new Promise<void>(resolve => held.waiting.push(resolve))
      const mine = { tab, waiting: held?.waiting ?? [] }
      this.#held.set(name, mine)
      await use()
      this.#release(name)
    }
    return { request: request as LockManager['request'] }
  }

  close(tab: string): void {
    for (const [name, held] of this.#held) if (held.tab === tab) this.#release(name)
  }

  #release(name: string): void {
    const { waiting } = this.#held.get(name)!
    const next = waiting.shift()
    if (next) next()
    else this.#held.delete(name)
  }
}

let storage: MemoryStorage
let locks: Locks
let clock: ManualClock
let online: boolean
/** The messages that reached the chat, in order, and its answers by body. */
let sent: string[]
let stored: Set<string>
let answers: Record<string, () => Promise<{ seq: number }>>

const settle = () => new Promise<void>(resolve => setTimeout(resolve))
const say = (body: string): Write => ({ t: 'send', fields: { room: 'lobby', cid: makeCid(), body } })
const bodyOf = (write: Write) => ('body' in write.fields ? write.fields.body : write.t)
const refuse = (more: Partial<ErrorReply>) => () =>
  Promise.reject(new RequestError({ t: 'err', code: 'busy', msg: 'No.', ...more }))

function tab(name: string, withLocks = true): Outbox {
  return new Outbox({
    storage,
    locks: withLocks ? locks.of(name) : undefined,
    clock,
    name,
    isReady: () => online,
    changed: () => undefined,
    send: write => {
      if (!online) return Promise.reject(new Disconnected())
      sent.push(bodyOf(write))
      stored.add(write.fields.cid)
      return answers[bodyOf(write)]?.() ?? Promise.resolve({ seq: sent.length })
    },
  })
}

beforeEach(() => {
  storage = new MemoryStorage()
  locks = new Locks()
  clock = new ManualClock()
  online = true
  sent = []
  stored = new Set()
  answers = {}
})

const states = (outbox: Outbox) => outbox.items.map(item => `${bodyOf(item)} ${item.state}`)

describe('sending', () => {
  it('sends messages in order, one after the other', async () => {
    const outbox = tab('one')
    let reply = (_: { seq: number }): void => undefined
    answers['1'] = () => new Promise(resolve => (reply = resolve))
    for (const body of ['1', '2', '3']) outbox.add(say(body), 'u')
    await settle()
    expect(sent).toEqual(['1'])
    reply({ seq: 1 })
    await settle()
    expect(sent).toEqual(['1', '2', '3'])
    expect(states(outbox)).toEqual(['1 stored', '2 stored', '3 stored'])
  })

  it('shows a message until its entry is received, before or after the reply', async () => {
    const outbox = tab('one')
    outbox.add(say('1'), 'u')
    outbox.arrived(outbox.items[0]!.fields.cid)
    await settle()
    expect(outbox.items).toEqual([])
    outbox.add(say('2'), 'u')
    await settle()
    outbox.arrived(outbox.items[0]!.fields.cid)
    expect(outbox.items).toEqual([])
  })

  it('waits in one room without holding the messages of another, until the room is released', async () => {
    const outbox = tab('one')
    answers['1'] = refuse({ code: 'rate_limited', temporary: true, retry: 60_000 })
    outbox.add(say('1'), 'u')
    outbox.add(say('2'), 'u')
    outbox.add({ t: 'send', fields: { room: 'tea', cid: 'x', body: '3' } }, 'u')
    await settle()
    expect(sent).toEqual(['1', '3'])
    expect([outbox.holdOf('tea'), outbox.holdOf('lobby')?.until]).toEqual([undefined, 60_000])
    delete answers['1']
    outbox.release('lobby')
    await settle()
    expect(sent).toEqual(['1', '3', '1', '2'])
    expect(outbox.holdOf('lobby')).toBe(undefined)
  })

  it('waits as long as the chat asks for, and retries with the same cid', async () => {
    const outbox = tab('one')
    answers['1'] = refuse({ code: 'rate_limited', temporary: true, retry: 500 })
    outbox.add(say('1'), 'u')
    outbox.add(say('2'), 'u')
    await settle()
    expect([sent, states(outbox)]).toEqual([['1'], ['1 queued', '2 queued']])
    answers = {}
    clock.go(500)
    await settle()
    expect([sent, stored.size]).toEqual([['1', '1', '2'], 2])
  })

  it('keeps a refused message until it is retried or discarded', async () => {
    const outbox = tab('one')
    answers['1'] = refuse({ code: 'forbidden', msg: 'The room is locked.' })
    outbox.add(say('1'), 'u')
    outbox.add(say('2'), 'u')
    await settle()
    expect(states(outbox)).toEqual(['1 failed', '2 stored'])
    expect(outbox.items[0]?.why).toBe('The room is locked.')
    answers = {}
    const { cid } = outbox.items[0]!.fields
    outbox.retry(cid)
    await settle()
    expect(sent).toEqual(['1', '2', '1'])
    outbox.discard(cid)
    expect(states(outbox)).toEqual(['2 stored'])
  })

  it('refuses more messages than the storage can hold', () => {
    online = false
    const outbox = tab('one')
    for (let i = 0; i < 200; i++) outbox.add(say('x'), 'u')
    expect(() => outbox.add(say('x'), 'u')).toThrow(RangeError)
  })

  it('works when the storage is full', async () => {
    storage.isFull = true
    const outbox = tab('one')
    outbox.add(say('1'), 'u')
    await settle()
    expect(sent).toEqual(['1'])
  })
})

describe('without a connection', () => {
  it('keeps messages, and sends them in order after it', async () => {
    online = false
    const outbox = tab('one')
    for (const body of ['1', '2', '3']) outbox.add(say(body), 'u')
    await settle()
    online = true
    outbox.flush()
    await settle()
    expect(sent).toEqual(['1', '2', '3'])
  })

  it('retries with the same cid after the connection ended without a reply', async () => {
    const outbox = tab('one')
    answers['1'] = () => Promise.reject(new Disconnected())
    outbox.add(say('1'), 'u')
    await settle()
    expect(states(outbox)).toEqual(['1 queued'])
    answers = {}
    outbox.flush()
    await settle()
    expect([sent, stored.size]).toEqual([['1', '1'], 1])
  })
})

describe('a closed tab', () => {
  it.each([true, false])('leaves its messages to the next one, with locks: %s', async withLocks => {
    online = false
    tab('one', withLocks).add(say('1'), 'u')
    locks.close('one')
    online = true
    const next = tab('two', withLocks)
    await settle()
    expect([sent, stored.size, states(next)]).toEqual([['1'], 1, ['1 stored']])
    expect(storage.length).toBe(0)
  })

  it('leaves its messages to one of the open tabs when it closes', async () => {
    online = false
    const one = tab('one')
    one.add(say('1'), 'u')
    const [two, three] = [tab('two'), tab('three')]
    await settle()
    online = true
    two.flush()
    three.flush()
    await settle()
    expect(sent).toEqual([])
    locks.close('one')
    await settle()
    expect(sent).toEqual(['1'])
    expect([...two.items, ...three.items]).toHaveLength(1)
  })
})

it.each([
  '{',
  'null',
  '[1]',
  '[{"t":"send"}]',
  '[{"t":"auth","user":"u","ts":1,"state":"queued","fields":{"cid":"c","room":"r"}}]',
])('ignores an invalid message: %s', async text => {
  storage.setItem('chat.outbox.old', text)
  const outbox = tab('one')
  await settle()
  expect([outbox.items, sent, storage.length]).toEqual([[], [], 0])
})

it('makes 128 random bits', () => {
  expect(makeCid()).toMatch(/^[0-9a-f]{32}$/)
  expect(makeCid()).not.toBe(makeCid())
})
