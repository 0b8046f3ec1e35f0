import { describe, expect, test } from 'vitest'
import { Inbox } from './inbox.ts'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** Tells how a promise stands without waiting for it. */
function watch(promise: Promise<unknown>): { settled: boolean } {
  const seen = { settled: false }
  void promise.then(() => {
    seen.settled = true
  })
  return seen
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('deliver', () => {
  test('resolves when the consumer asks for the item after', async () => {
    const inbox = new Inbox<number>()
    const asked = inbox.next()
    const first = watch(inbox.deliver(1))
    expect(await asked).toEqual({ done: false, value: 1 })
    await turn()
    expect(first.settled).toBe(false)
    void inbox.next()
    await turn()
    expect(first.settled).toBe(true)
  })

  test('the same for what came before it was asked for', async () => {
    const inbox = new Inbox<number>()
    const first = watch(inbox.deliver(1))
    const second = watch(inbox.deliver(2))
    await inbox.next()
    await turn()
    expect([first.settled, second.settled]).toEqual([false, false])
    expect(await inbox.next()).toEqual({ done: false, value: 2 })
    await turn()
    expect([first.settled, second.settled]).toEqual([true, false])
    void inbox.next()
    await turn()
    expect(second.settled).toBe(true)
  })

  test('resolves at once where more has been asked for already', async () => {
    const inbox = new Inbox<number>()
    const asked = [inbox.next(), inbox.next()]
    const first = watch(inbox.deliver(1))
    const second = watch(inbox.deliver(2))
    await turn()
    expect([first.settled, second.settled]).toEqual([true, false])
    expect(await Promise.all(asked)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ])
  })

  test('resolves when the inbox ends, and after it', async () => {
    const inbox = new Inbox<number>()
    const asked = inbox.next()
    const pending = [inbox.deliver(1), inbox.deliver(2), inbox.deliver(3)]
    await asked
    inbox.end()
    await Promise.all([...pending, inbox.deliver(4)])
    expect(await collect(inbox)).toEqual([2, 3])
  })
})

describe('the loop', () => {
  test('gets everything in order, and one item at a time', async () => {
    const inbox = new Inbox<number>()
    const log: string[] = []
    const consumer = (async () => {
      for await (const item of inbox) {
        log.push(`begin ${item}`)
        await turn()
        log.push(`end ${item}`)
      }
    })()
    for (let i = 0; i < 3; i++) {
      await inbox.deliver(i)
      log.push(`released ${i}`)
    }
    inbox.end()
    await consumer
    expect(log).toEqual([0, 1, 2].flatMap(i => [`begin ${i}`, `end ${i}`, `released ${i}`]))
  })

  test('gets what was delivered before the end, and stays ended', async () => {
    const inbox = new Inbox<number>()
    void inbox.deliver(1)
    inbox.end()
    inbox.end()
    expect(await collect(inbox)).toEqual([1])
    expect(await inbox.next()).toEqual({ done: true, value: undefined })
  })

  test('ends all calls that wait', async () => {
    const inbox = new Inbox<number>()
    const asked = [inbox.next(), inbox.next()]
    inbox.end()
    for (const result of await Promise.all(asked)) expect(result).toEqual({ done: true, value: undefined })
  })

  test('is the only one', () => {
    const inbox = new Inbox<number>()
    inbox[Symbol.asyncIterator]()
    expect(() => inbox[Symbol.asyncIterator]()).toThrow(TypeError)
  })

  test('left early drops the rest and says so once', async () => {
    let returns = 0
    const inbox = new Inbox<number>(() => {
      returns++
    })
    const pending = [inbox.deliver(1), inbox.deliver(2)]
    for await (const item of inbox) if (item === 1) break
    await Promise.all([...pending, inbox.deliver(3)])
    expect(await inbox.next()).toEqual({ done: true, value: undefined })
    await inbox.return()
    expect(returns).toBe(1)
  })

  test('that comes to its end does not say that it was left', async () => {
    let returns = 0
    const inbox = new Inbox<number>(() => {
      returns++
    })
    inbox.end()
    await collect(inbox)
    expect(returns).toBe(0)
  })
})

test('discard drops what waits and lets the producer go on', async () => {
  const inbox = new Inbox<number>()
  const pending = inbox.deliver(1)
  inbox.end()
  inbox.discard()
  await pending
  expect(await collect(inbox)).toEqual([])
})
